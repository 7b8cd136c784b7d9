import type { Demand, Host, Plan } from '../../reports/run.ts'
import { usageError } from '../choices.ts'

/** What was said about the demand. */
export type DemandWords = Partial<Omit<Demand, 'memoryBytes'>> & { readonly memory?: number }

/** More than this at the peak is a typing error rather than a demand. */
const MOST_RPS = 100_000_000
const NO_HITS = 'A cache answers nothing: say otherwise with --hit-ratio 0.8.'

/** What is assumed of what nobody said: each with a sentence for the report. */
const assumptions = ({
  cpus,
  memoryBytes,
}: Pick<Host, 'cpus' | 'memoryBytes'>): Omit<
  { readonly [Key in keyof Demand]-?: readonly [value: Demand[Key], says: string] },
  'rps' | 'p99' | 'cost'
> => ({
  peak: [1, 'The peak is no higher than the average: say otherwise with --peak 3x.'],
  growth: [0, 'Traffic does not grow: say otherwise with --growth 30%/y.'],
  years: [1, 'The plan is for a year from now: say otherwise with --years 2.'],
  hitRatio: [0, NO_HITS],
  cores: [cpus, `A machine has ${cpus} ${cpus === 1 ? 'core' : 'cores'}, as this one: say otherwise with --cores 4.`],
  memoryBytes: [
    memoryBytes,
    `A machine has ${(memoryBytes / 2 ** 30).toFixed(1)} GiB of memory, as this one: say otherwise with --memory 4G.`,
  ],
  spare: [0, 'No machine may fail: say otherwise with --spare 1.'],
})

/**
 * The demand, and what of it is assumed. What was not said is as in the plan `before`, where there is one. Throws a usage error
 * when nobody says what the plan is for.
 */
export function demandOf(
  { memory, ...words }: DemandWords,
  host: Pick<Host, 'cpus' | 'memoryBytes'>,
  before?: Pick<Plan, 'demand' | 'assumed'>,
): Pick<Plan, 'demand' | 'assumed'> {
  const said: Partial<Demand> = { ...words, ...(memory === undefined ? {} : { memoryBytes: memory }) }
  const { rps = before?.demand.rps, p99 = before?.demand.p99, cost = before?.demand.cost } = said
  if (rps === undefined || p99 === undefined)
    throw usageError(
      `A plan needs ${rps === undefined ? 'the requests per second that are expected' : 'a limit for the latency'}.`,
      'Write both, as in: npm run lab -- plan --rps 2000 --p99 200ms.',
    )
  const assumed: string[] = []
  const take = <Key extends keyof ReturnType<typeof assumptions>>(key: Key): Demand[Key] => {
    const given = said[key]
    if (given !== undefined) return given as Demand[Key]
    const [value, says] = table[key]
    // Without growth nobody needed to know how far ahead was planned.
    const isOpen = key === 'years' && before?.demand.growth === 0 && before.demand.years === value
    if (!before || isOpen || before.assumed.includes(says)) assumed.push(says)
    return (before?.demand[key] ?? value) as Demand[Key]
  }
  const table = assumptions(host)
  const demand: Demand = {
    ...{ rps, peak: take('peak'), growth: take('growth'), years: take('years'), p99, hitRatio: take('hitRatio') },
    ...{ cores: take('cores'), memoryBytes: take('memoryBytes'), spare: take('spare') },
    ...(cost === undefined ? {} : { cost }),
  }
  const atPeak = demand.rps * demand.peak * (1 + demand.growth) ** demand.years
  if (atPeak > MOST_RPS)
    throw usageError(
      `With this peak and this growth there would be ${atPeak.toPrecision(2)} requests per second.`,
      `A plan is for at most ${MOST_RPS}: write less for --rps, --peak, --growth or --years.`,
    )
  return { demand, assumed: demand.growth === 0 ? assumed.filter((says) => says !== table.years[1]) : assumed }
}

/** What is assumed, once it is known whether a cache may keep anything: of a hit ratio that counts for nothing, that it does. */
export function aboutCaching({ demand, assumed }: Pick<Plan, 'demand' | 'assumed'>, shares: Plan['shares']): string[] {
  if (shares.cached > 0) return [...assumed]
  const others = assumed.filter((says) => says !== NO_HITS)
  return demand.hitRatio > 0
    ? [...others, 'No cache may keep any of the answers: the hit ratio counts for nothing.']
    : others
}
