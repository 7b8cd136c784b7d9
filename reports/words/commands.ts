import { runtimesOf } from '../names.ts'
import type { Result, Run } from '../run.ts'

const defaults = { workers: 2, threads: 4 }
/** Options about a runtime, which a run's results do not hold in a form that can be typed. */
const grounds: Readonly<Record<string, readonly string[]>> = {
  native: ['--toolchain'],
  docker: ['--base', '--network'],
}

/** The command that repeats a run, as it can be typed into a shell; where it was written to is of no use elsewhere. */
export const repeatCommand = ({ arguments: words }: Run): string =>
  command(words.filter((word, index) => !/^--out(=|$)/.test(word) && words[index - 1] !== '--out'))

/** The command that judges one clause once more at every hop of these results, with the servers they had. */
export function reproduceCommand(run: Run, results: readonly Result[], clause: string): string {
  const { workersPerServer: workers, threadsPerWorker: threads } = run
  const once = (words: readonly string[]): string => [...new Set(words)].join(',')
  const runtimes = runtimesOf({ results: [...results] })
  // An intermediary alone belongs to no topology: any that has a tier for it will do.
  const topologies = results.map(({ topology }) => topology).filter((topology) => topology !== 'alone')
  return command([
    ...(topologies.length === 0 ? [] : ['--topology', once(topologies)]),
    ...[
      '--server',
      once(results.flatMap(({ tiers }) => tiers.map(({ role, server, variant }) => `${role}=${server}/${variant}`))),
    ],
    ...['--runtime', once(runtimes)],
    ...runtimes.flatMap((runtime) => grounds[runtime] ?? []).flatMap((name) => askedFor(run, name)),
    ...(workers === defaults.workers ? [] : ['--workers', String(workers)]),
    ...(threads === defaults.threads ? [] : ['--threads', String(threads)]),
    ...['--clause', clause],
    '--no-load',
  ])
}

function askedFor({ arguments: words }: Run, name: string): readonly string[] {
  const at = words.findLastIndex((word) => word === name || word.startsWith(`${name}=`))
  const word = words[at]
  if (word === undefined) return []
  return word === name ? [name, ...words.slice(at + 1, at + 2)] : [word]
}

/** A command as it can be typed into a shell. */
export function command(words: readonly string[]): string {
  const quoted = words.map((word) => (/^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
  return ['npm run lab --', ...quoted].join(' ')
}
