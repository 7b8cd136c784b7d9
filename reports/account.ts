import type { Blame } from './blame.ts'
import { clauseRows } from './conformance.ts'
import { levelsText } from './levels.ts'
import { resultNames } from './names.ts'
import type { Level, Result, Run } from './run.ts'

/** What became of the rules at one judged result: every clause that was put to a test is in one of these, once. */
export interface Account {
  readonly name: string
  readonly result: Result
  readonly kept: readonly Level[]
  /** By the application's server, and mended by nobody. */
  readonly broken: readonly Level[]
  /** By the title of the server that did it, from the application outwards. */
  readonly healed: ReadonlyMap<string, readonly Level[]>
  readonly introduced: ReadonlyMap<string, readonly Level[]>
  /** Without a right answer, or without meaning on this chain. */
  readonly open: number
  /** An experiment broke, or had no ground to stand on. */
  readonly unknown: number
}

/** Kept, broken, healed by and introduced by, for every judged result. */
export function accounts(run: Run): readonly Account[] {
  const rows = clauseRows(run)
  return [...resultNames(run)].flatMap(([result, name]) => {
    const of = (kind: Blame['kind']): readonly { readonly level: Level; readonly blame: Blame }[] =>
      rows.flatMap(({ level, cells }) =>
        cells
          .filter((cell) => cell.result === result && cell.blame.kind === kind)
          .map(({ blame }) => ({ level, blame })),
      )
    const by = (kind: 'healed' | 'introduced'): Account['healed'] => {
      const found = of(kind)
      const servers = result.tiers.toReversed().map(({ server, title }) => {
        const own = found.filter(({ blame }) => 'server' in blame && blame.server === server)
        return [title, own.map(({ level }) => level)] as const
      })
      return new Map(servers.filter(([, levels]) => levels.length > 0))
    }
    if (result.verdicts.length === 0) return []
    const levels = (kind: Blame['kind']): readonly Level[] => of(kind).map(({ level }) => level)
    const known = { kept: levels('kept'), broken: levels('broken'), healed: by('healed'), introduced: by('introduced') }
    const open = of('observed').length + of('inapplicable').length
    return [{ name, result, ...known, open, unknown: of('unknown').length }]
  })
}

/** `7 (2 MUST, 5 SHOULD)`, `–` for none. */
export const countText = (levels: readonly Level[]): string =>
  levels.length === 0 ? '–' : `${levels.length} (${levelsText(levels)})`

/** `nginx 7 (2 MUST, 5 SHOULD), Varnish 1 (1 MUST)`, `–` for none. */
export const byText = (servers: Account['healed']): string =>
  servers.size === 0 ? '–' : [...servers].map(([title, levels]) => `${title} ${countText(levels)}`).join(', ')
