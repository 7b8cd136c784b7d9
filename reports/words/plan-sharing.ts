import type { TopologyModel } from '../planning/planned.ts'
import { titleOf } from './plan-figures.ts'
import { list } from './quantities.ts'

/** That connections crowd at some workers, for who is to choose between workers and threads. */
export const stickyNote = ({ result }: TopologyModel): string =>
  `${titleOf(result, result.tiers.at(-1)!)} leaves a connection with the worker that accepted it, so some workers are crowded while others idle; few workers with many threads suffer less of that than many with few.`

/** How requests come to the threads of each topology, as its measurements show. */
export function sharingNotes(models: readonly TopologyModel[]): readonly string[] {
  const names = (kind: TopologyModel['sharing']): string =>
    list(models.filter(({ sharing }) => sharing === kind).map(({ name }) => name))
  return (
    [
      [
        'sticky',
        'a connection stayed with the worker that accepted it: in some windows nearly all connections were with one worker, and the threads of the others idled. The model counts with that. Few workers with many threads suffer less of it.',
      ],
      ['any', 'a request got whichever thread was free, in any worker.'],
      ['unlimited', 'there were as many threads as requests: none waited for one.'],
    ] as const
  ).flatMap(([kind, says]) => (names(kind) === '' ? [] : [`In ${names(kind)} ${says}`]))
}
