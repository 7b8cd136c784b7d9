import { isStudyAlone } from '../extent.ts'
import type { Duet, Gate, Run } from '../run.ts'
import { plural } from './quantities.ts'

/** `2026-11-22 09:14 UTC` */
export const when = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`

/** When, what, where the servers came from and on which machine they ran, in one line below the title. */
export function summaryLine(run: Run): string {
  const cut = run.finishedAt === undefined ? 'unfinished run' : 'run'
  const measured =
    run.study !== undefined ||
    run.results.some(({ measurements, sweep = [] }) => measurements.length + sweep.length > 0)
  return [
    when(run.startedAt),
    `${cut} with ${held(run)}`,
    ...(measured ? [`${plural(run.repeats, 'repeat')} of ${run.secondsPerMeasurement} s`] : []),
    ...whence(run),
    machineText(run),
  ].join(' · ')
}

/** `AMD EPYC 7763, 2 CPUs, Debian 12` */
export const machineText = ({ host }: Run): string =>
  `${host.cpu}, ${plural(host.cpus, 'CPU')}, ${releaseInShort(host.os)}`

/** How and from what the servers were started: `native, packages of Debian 12`, `docker, images of debian:trixie-slim`. */
function whence(run: Run): readonly string[] {
  const texts = run.results.map(({ runtime, origin }) => {
    const parts = origin.split(', ').filter((part) => !/^(Docker Engine|Python) /.test(part))
    const from = parts.map((part) => releaseInShort(part.replace('private toolchain from', 'packages of')))
    return [runtime, ...from.filter((part) => part !== '')].join(', ')
  })
  // A topology that never came up does not know where its servers come from.
  return [...new Set(texts)].filter((text) => !texts.some((other) => other.startsWith(`${text},`)))
}

/** What a gate compares, in a few words. */
function gateHeld({ duet, conformance }: Gate): string {
  const parts = [
    ...(duet === undefined ? [] : [`${plural(duet.rounds.length, 'round')} of ${duet.topology}${leftOut(duet)}`]),
    ...(conformance === undefined ? [] : [`${plural(conformance.compared, 'verdict')} against a baseline`]),
  ]
  return ['a gate', ...parts].join(', ')
}

const releaseInShort = (text: string): string => text.replace(' GNU/Linux', '').replace(/ \([^)]*\)$/, '')

function held(run: Run): string {
  if (run.gate !== undefined) return gateHeld(run.gate)
  if (isStudyAlone(run)) return 'a study of the interpreter'
  const topologies = new Set(run.results.map(({ topology }) => topology)).size
  const fillings = new Set(
    run.results.map(({ topology, tiers }) =>
      [topology, ...tiers.map(({ server, variant }) => `${server}/${variant}`)].join(' '),
    ),
  ).size
  const filled = fillings > topologies ? ` in ${plural(fillings, 'filling')}` : ''
  const searched =
    run.plan !== undefined ? 'a plan for ' : run.capacity === undefined ? '' : 'searches for the capacity of '
  return `${searched}${plural(topologies, 'topology', 'topologies')}${filled}`
}

/** Rounds that count for nothing are no secret. */
const leftOut = ({ disturbed = [] }: Duet): string =>
  disturbed.length === 0 ? '' : ` (and ${disturbed.length} left out, in which others used the CPUs)`
