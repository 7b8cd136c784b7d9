import type { Planned, PlannedTopology, Size } from '../planning/planned.ts'
import type { Demand, Plan } from '../run.ts'
import {
  about,
  machineMemory,
  milliseconds,
  rangeText,
  rateText,
  saturationReason,
  timesText,
  workersText,
} from './plan-figures.ts'
import { percent, plural } from './quantities.ts'
import { chain } from './wording.ts'

/** Which topology to take, how many of what, what it bears and what runs out first: two sentences. */
export function recommendation({ recommended, rate, demand, topologies }: Planned): string {
  if (recommended?.size !== undefined) return taken(recommended, recommended.size, rate, demand)
  const wish = `${rateText(rate)} with 99 of 100 answers within ${milliseconds(demand.p99)}`
  if (topologies.length === 0) return `No topology was measured, so nothing can be said about ${wish}.`
  const machines = `on however many machines${machineOf(demand)}`
  const [first, ...others] = topologies
  return [
    `${others.length === 0 ? first!.name : 'None of the measured topologies'} ${others.length === 0 ? 'does not bear' : 'bears'} ${wish}, ${machines}.`,
    ...(first!.because === undefined ? [] : [`${others.length === 0 ? '' : `${first!.name}: `}${first!.because}`]),
  ].join(' ')
}

function taken({ name, result }: PlannedTopology, size: Size, rate: number, demand: Demand): string {
  const { machines, machinesWithin, p99, headroom } = size
  const range = rangeText(machines, machinesWithin)
  const beside = range === '' ? '' : ` (${range} within what the measurements leave open)`
  const spare = demand.spare === 0 ? '' : `, ${demand.spare} of them to spare`
  const first = `Take ${name} (${chain(result)}): ${plural(machines, 'machine')}${beside}${machineOf(demand)}${spare}, ${
    machines === 1 ? 'with' : 'each with'
  } ${workersText(size)}.`
  const second = `${bearing(machines, demand.spare)} ${rateText(rate)} with 99 of 100 answers within ${milliseconds(p99)}, and up to ${timesText(
    headroom,
  )} as many within the ${milliseconds(demand.p99)} that are allowed; ${saturationReason(size, result)}.`
  return `${first} ${second}`
}

/** The spare ones are away when the others have to bear the peak. */
function bearing(machines: number, spare: number): string {
  const others = machines - spare
  if (spare > 0) return others === 1 ? 'The other one alone bears' : `The other ${others} alone bear`
  return machines === 1 ? 'It bears' : 'They bear'
}

const machineOf = ({ cores, memoryBytes }: Demand): string =>
  ` of ${plural(cores, 'core')} and ${machineMemory(memoryBytes)}`

/** What was asked for, and how the planned rate comes about, in one line. */
export function demandLine({ demand, rate }: Planned, { shares }: Plan): string {
  const { rps, peak, growth, years, hitRatio, spare, cost } = demand
  const factors = [
    `${about(rps, 3)} on average`,
    ...(peak === 1 ? [] : [`${about(peak)} times that at the peak`]),
    ...(growth === 0 || years === 0 ? [] : [`${percent(growth)} more each year for ${plural(years, 'year')}`]),
  ]
  return [
    `Planned for ${rateText(rate)}${factors.length === 1 ? '' : ` (${factors.join(', ')})`}`,
    ...(shares.cached > 0 ? [`a cache answers ${percent(hitRatio)} of what it may store`] : []),
    `${spare === 0 ? 'no spare machine' : plural(spare, 'spare machine')}`,
    ...(cost === undefined ? [] : [`${about(cost.core, 3)} per core and ${about(cost.gb, 3)} per GB a month`]),
  ]
    .join('; ')
    .concat('.')
}
