import { InvalidArgumentError } from 'commander'
import type { Slo } from '../../reports/run.ts'
import { duration } from '../planning/demand-words.ts'

/** Percentiles that may be limited, as they are written and as they are called in a run. */
const PERCENTILES: Readonly<Record<string, Slo['limits'][number]['percentile']>> = {
  p50: 'p50',
  p90: 'p90',
  p99: 'p99',
  'p99.9': 'p999',
}
/** Share of requests that may go wrong where nothing is said of it. */
const ERRORS = 0.001
const EXAMPLE = 'as in p99=200ms,errors=0.1%'

/** `p99=200ms,p50=20ms,errors=0.1%`: longest latencies at percentiles, and the share of requests that may go wrong. */
export function objective(text: string): Slo {
  const limits = new Map<Slo['limits'][number]['percentile'], number>()
  let errors: number | undefined
  for (const part of text.split(',')) {
    const [, name = '', value = ''] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(part) ?? []
    const percentile = PERCENTILES[name]
    if (name === 'errors' && errors === undefined) errors = share(value)
    else if (percentile !== undefined && !limits.has(percentile)) limits.set(percentile, limit(name, value))
    else throw new InvalidArgumentError(why(part.trim(), name))
  }
  if (limits.size === 0) throw new InvalidArgumentError(`Limit a latency, ${EXAMPLE}.`)
  const ordered = Object.values(PERCENTILES).flatMap((percentile) => {
    const milliseconds = limits.get(percentile)
    return milliseconds === undefined ? [] : [{ percentile, milliseconds }]
  })
  const wrong = ordered.findIndex(({ milliseconds }, index) => milliseconds < (ordered[index - 1]?.milliseconds ?? 0))
  if (wrong >= 0)
    throw new InvalidArgumentError(
      'A higher percentile cannot be the faster one: give it the same limit, or a longer one.',
    )
  return { limits: ordered, errors: errors ?? ERRORS }
}

const why = (part: string, name: string): string =>
  PERCENTILES[name] !== undefined || name === 'errors'
    ? `It says ${name} twice.`
    : `"${part}" limits nothing that is measured: write ${Object.keys(PERCENTILES).join(', ')} or errors, ${EXAMPLE}.`

function limit(name: string, value: string): number {
  try {
    return duration(value)
  } catch {
    throw new InvalidArgumentError(
      `Write ${name} with its unit, from 0.1ms to 60s, as in ${name}=200ms or ${name}=0.2s.`,
    )
  }
}

function share(value: string): number {
  const [, amount] = /^(\d+(?:\.\d+)?)\s*%$/.exec(value) ?? []
  if (amount === undefined || Number(amount) >= 100)
    throw new InvalidArgumentError('Write errors in percent with the sign, below 100 %, as in errors=0.1%.')
  return Number(amount) / 100
}
