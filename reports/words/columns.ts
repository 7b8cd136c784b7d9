import type { Place } from '../findings.ts'
import type { Column, Mark } from '../matrix.ts'
import { list } from './quantities.ts'
import type { Outcome, Result } from '../run.ts'

/** What an outcome is called where readers look at servers rather than at experiments. */
export const outcomeWords: Readonly<Record<Outcome, string>> = {
  pass: 'kept',
  fail: 'broken',
  observed: 'observed',
  inapplicable: 'n/a',
  blocked: 'blocked',
  error: 'error',
}

/** `Gunicorn gthread`; a variant that says nothing is left out. */
export const tierText = ({ title, variant }: Result['tiers'][number]): string =>
  variant === 'default' ? title : `${title} ${variant}`

/** A column in one line: `Gunicorn sync 23.0.0-1`, `three-tier: Varnish 7.7.0-3 → nginx http11 → Gunicorn gthread`. */
export function columnText({ kind, tier, behind, topology, runtime }: Column): string {
  const server = `${tierText(tier)} ${tier.version}`
  const chain = kind === 'server' ? server : `${topology}: ${[server, ...behind.map(tierText)].join(' → ')}`
  return runtime === undefined ? chain : `${chain} (${runtime})`
}

/** The word of a cell: of an edge it says what the chain did where it did something. */
export function markText({ column, outcomes, sights }: Mark): string {
  if (outcomes.length > 1) return `differs: ${outcomes.map((outcome) => outcomeWords[outcome]).join(', ')}`
  const { kind } = sights[0]!.cell.blame
  const [outcome] = outcomes
  if (column.kind === 'edge' && outcome === 'pass' && kind === 'healed') return kind
  if (column.kind === 'edge' && outcome === 'fail' && kind === 'introduced') return kind
  return outcomeWords[outcome!]
}

/** A column without versions: `Gunicorn sync`, `three-tier (Varnish → nginx http11 → Gunicorn gthread)`. */
export function columnInShort({ kind, tier, behind, topology, runtime }: Column): string {
  const chain = [tier, ...behind].map(tierText).join(' → ')
  const text = kind === 'server' ? chain : `${topology} (${chain})`
  return runtime === undefined ? text : `${text}, ${runtime}`
}

/** A column in which something was seen, with where that was when it was not so everywhere. */
export const placeText = ({ column, only }: Place): string =>
  only === undefined ? columnInShort(column) : `${columnInShort(column)} in ${list(only)} only`
