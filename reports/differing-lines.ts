import type { Result } from './run.ts'

type Tier = Result['tiers'][number]

/** More lines than this say "another configuration", and both runs hold the whole of it. */
const MOST_LINES = 20

/** What a Python server is told to serve, masked. */
const SERVED = 'APPLICATION:application'

/**
 * What differs from one start of the same configuration to the next, and what replaces it: folders, ports, how many CPUs
 * there are, and which of the lab's applications is served (`pages` where a run measured last, `probe` where it judged).
 * Each is as narrow as can be, because what is masked cannot be told apart: a port only behind an address that the lab gives
 * to tiers (127.0.0.10 to 127.0.0.19), so that `proxy_pass http://127.0.0.1:9000` of a user stays as it is.
 */
const passing: readonly (readonly [RegExp, string])[] = [
  [/(?:\/[^\s"'=:;,/]+)*\/toolchain-[\w.-]+-[0-9a-f]{12}(?![0-9a-f])/g, ''],
  [/(?:\/[^\s"'=:;,/]+)*\/gateway-lab-\w{6}(?:\/\d+-[\w-]+\/(?:app|proxy|cache|balancer))?(?![\w-])/g, '/SCRATCH'],
  [/\b(127\.0\.0\.1\d)(:|\s+)\d{4,5}\b/g, '$1$2PORT'],
  [/(\.host = "127\.0\.0\.1\d";\s*\.port = ")\d+/g, '$1PORT'],
  [/^worker_processes \d+;/gm, 'worker_processes CPUS;'],
  [/\/apps\/\w+\.py\b/g, '/apps/APPLICATION.py'],
  [/\b\w+:application\b/g, SERVED],
  [/^\w+\n(?=application$)/gm, 'APPLICATION\n'],
  [/\b\w+-linux-gnu\b/g, 'TRIPLET'],
]

/** A text without what differs from one start to the next. Masking what is masked changes nothing. */
export const masked = (text: string): string => passing.reduce((rest, [what, by]) => rest.replace(what, by), text)

/**
 * Lines that differ between two configurations of one server, files and command line: `+ proxy_buffering off;` where only
 * `now` has it, `- ...` where only `before` has it, in their order. Comments and blank lines configure nothing.
 */
export function differingLines(before: Tier, now: Tier): readonly string[] {
  const names = [...new Set([...Object.keys(before.configuration), ...Object.keys(now.configuration)])]
  const all = [
    ...names.flatMap((name) => difference(linesOf(before.configuration[name]), linesOf(now.configuration[name]))),
    ...difference(wordsOf(before.argv), wordsOf(now.argv)),
  ]
  const left = all.length - MOST_LINES
  return left > 0 ? [...all.slice(0, MOST_LINES), `and ${left} more that differ`] : all
}

const linesOf = (text = ''): readonly string[] =>
  masked(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))

/** A command line, an option and its value on a line; what is served may stand behind an option that has none. */
function wordsOf(argv: readonly string[]): readonly string[] {
  const words = masked(argv.join('\n')).split('\n')
  return words.reduce<readonly string[]>((lines, word) => {
    const last = lines.at(-1)
    const isValue = last !== undefined && /^-[^\s=]+$/.test(last) && !word.startsWith('-') && word !== SERVED
    return isValue ? [...lines.slice(0, -1), `${last} ${word}`] : [...lines, word]
  }, [])
}

/** What has to be taken away and added, by the longest common subsequence: a line that moved is both. */
function difference(before: readonly string[], now: readonly string[]): readonly string[] {
  const isOther = (line: string, index: number): boolean => line !== now[index]
  const first = before.findIndex(isOther)
  if (first === -1) return now.slice(before.length).map((line) => `+ ${line}`)
  return found(before.slice(first), now.slice(first))
}

function found(before: readonly string[], now: readonly string[]): readonly string[] {
  // common[i][j]: how many lines before.slice(i) and now.slice(j) have in common.
  const common = Array.from({ length: before.length + 1 }, () => Array<number>(now.length + 1).fill(0))
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      common[i]![j] =
        before[i] === now[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!)
  const lines: string[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < now.length) {
    if (i < before.length && before[i] === now[j]) [i, j] = [i + 1, j + 1]
    else if (j === now.length || (i < before.length && common[i + 1]![j]! >= common[i]![j + 1]!))
      lines.push(`- ${before[i++]}`)
    else lines.push(`+ ${now[j++]}`)
  }
  return lines
}
