import { runtimesOf } from '../names.ts'
import { list } from './quantities.ts'
import type { Result, Run } from '../run.ts'

const ways: Readonly<Record<Result['network'], readonly [short: string, long: string]>> = {
  host: ['loopback', 'each tier at a loopback address of this machine'],
  bridge: [
    'a private network of containers',
    'a private network of containers; clauses were judged through published ports, the load came from a container in that network',
  ],
}

/** How clauses and load reached the topologies; undefined where all went over loopback, which needs no words. */
export function networkFact(run: Run): string | undefined {
  if (!run.results.some(({ network }) => network === 'bridge')) return undefined
  return perRuntime(run, ({ network }) => ways[network][1])
}

/** `loopback`, `a private network of containers`, or both with their runtimes. */
export function networkInShort(run: Run): string {
  const networks = [...new Set(run.results.map(({ network }) => network))]
  if (networks.length < 2) return ways[networks[0] ?? 'host'][0]
  const named = networks.map((network) => {
    const of = run.results.filter((result) => result.network === network).map(({ runtime }) => runtime)
    return `${ways[network][0]} (${list([...new Set(of)])})`
  })
  return list(named, 'or')
}

/** What results say, each text once: `native: A; docker: B` where the run has several runtimes, else just `A`. */
export function perRuntime(run: Run, says: (result: Result) => string): string {
  const several = runtimesOf(run).length > 1
  const texts = run.results.flatMap((result) => {
    const text = says(result)
    return text === '' ? [] : [several ? `${result.runtime}: ${text}` : text]
  })
  return [...new Set(texts)].join('; ')
}
