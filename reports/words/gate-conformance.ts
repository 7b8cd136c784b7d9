import type { GateChange, GateConformance } from '../run.ts'
import { when } from './heading.ts'
import { list, plural, shortList } from './quantities.ts'

/** A clause that is to be said something about, in words. */
export interface ChangeText {
  /** `nginx (proxy) in reverse-proxy` */
  readonly hop: string
  readonly clause: string
  /** `MUST, PEP 3333, environ Variables` */
  readonly binding: string
  /** The sentence of the specification. */
  readonly says: string
  /** What was seen; empty where nothing was noted. */
  readonly seen: string
  /** Lines of configuration that differ from the baseline's. */
  readonly lines: readonly string[]
}

/** Verdicts against those of a baseline, in words. */
export interface ConformanceText {
  /** How much was compared with what. */
  readonly says: string
  readonly groups: readonly {
    readonly id: string
    readonly title: string
    readonly says: string
    readonly changes: readonly ChangeText[]
  }[]
  /** What does not fail the gate, in short. */
  readonly counted: readonly string[]
  readonly notes: readonly string[]
}

/** The changes of a kind. */
export const kindsOf = (conformance: GateConformance | undefined, kind: GateChange['kind']): readonly GateChange[] =>
  (conformance?.changes ?? []).filter((change) => change.kind === kind)

/** `nginx (proxy) in reverse-proxy` */
const hopOf = ({ server, role, result }: GateChange): string => `${server} (${role}) in ${result}`

/** Who keeps no longer what, of at least one breach: `nginx (proxy) in reverse-proxy no longer keeps a/b and c/d`. */
export function unkept(broken: readonly GateChange[]): string {
  const hops = [...Map.groupBy(broken, hopOf)]
  return list(
    hops.map(
      ([hop, each]) =>
        `${hop} no longer keeps ${shortList(
          each.map(({ clause }) => clause),
          'and',
          3,
        )}`,
    ),
  )
}

/** What a gate that passes says of its verdicts. */
export function comparedText(conformance: GateConformance): string {
  const { compared } = conformance
  return compared === 0
    ? 'no verdict could be compared with the baseline, so nothing is shown about clauses'
    : `of ${plural(compared, 'verdict')} compared with the baseline none that was kept is broken`
}

/** The groups in the order they matter. */
const groups: readonly (readonly [kind: GateChange['kind'], title: string, says: string])[] = [
  [
    'breach',
    'Broken, and kept by the baseline',
    'Each was judged a second time before it was called a breach. Lines are where that server’s configuration or command line differs from the baseline’s.',
  ],
  ['undecided', 'Undecided', 'The baseline knows what became of these; this gate cannot tell.'],
  [
    'added',
    'Not judged in the baseline',
    'Nobody knows what became of these before, so they fail no gate. An update (gate --update) takes them into the baseline.',
  ],
  [
    'tightened',
    'Kept now, and broken in the baseline',
    'The baseline can be tightened: an update (gate --update) writes it anew, and from then on breaking these is a breach.',
  ],
  ['removed', 'Judged in the baseline, and no longer', 'These are not compared.'],
]

/** Verdicts against a baseline, in words. Known deviations are counted, not listed: they are in the baseline. */
export function conformanceText(conformance: GateConformance): ConformanceText {
  const { baseline, compared, notes } = conformance
  const known = kindsOf(conformance, 'known').length
  const from = baseline.commit === null ? '' : `, made by the lab at ${baseline.commit}`
  return {
    says: `${plural(compared, 'verdict')} compared with the baseline ${baseline.id} of ${when(baseline.startedAt)}${from}.`,
    groups: groups.flatMap(([kind, title, says]) => {
      const changes = kindsOf(conformance, kind)
      return changes.length === 0
        ? []
        : [{ id: `gate-${kind}`, title: `${title}: ${changes.length}`, says, changes: changes.map(changeText) }]
    }),
    counted:
      known === 0
        ? []
        : [
            `${plural(known, 'known deviation')} of the baseline ${known === 1 ? 'is' : 'are'} still there and fail${known === 1 ? 's' : ''} no gate.`,
          ],
    notes,
  }
}

function changeText(change: GateChange): ChangeText {
  const { clause, level, cites, says, was, is, because, lines = [] } = change
  const outcomes = [was === undefined ? [] : [`was ${was}`], is === undefined ? [] : [`is ${is}`]].flat().join(', ')
  return {
    hop: hopOf(change),
    clause,
    binding: `${level}, ${cites}`,
    says,
    seen: [outcomes, ...(because === undefined ? [] : [because])].filter(Boolean).join(': '),
    lines,
  }
}
