import type { Measurement } from '../reports/run.ts'

type Ends = NonNullable<Measurement['within']>['throughput']

/** A measurement as `load` prints it: every figure with its interval, what went wrong, and whether to believe it. */
export function loadText(measurement: Measurement): string {
  const { requests, seconds, errors, errorKinds, timeouts, connects, validity } = measurement
  const kinds = Object.entries(errorKinds).map(([kind, count]) => `${count} x ${kind}`)
  return [
    `${requests} requests in ${seconds.toFixed(2)} s (${measurement.generator})`,
    `throughput   ${figure(measurement.throughput, measurement.within?.throughput, perSecond)}`,
    ...latencyLines(measurement),
    ...scheduleLines(measurement),
    `errors       ${errors}${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}, timeouts: ${timeouts}`,
    ...(connects === undefined ? [] : [`connections  ${connects} opened`]),
    ...(validity.valid ? ['valid'] : validity.because.map((sentence) => `NOT VALID: ${sentence}`)),
    '',
  ].join('\n')
}

function latencyLines({ latency, within, loop }: Measurement): readonly string[] {
  if (latency === null) return ['latency      nothing was answered']
  const since = loop.kind === 'open' ? ' since each request was due' : ''
  const row = (name: string, value: number | null, ends?: Ends | null): string =>
    `  ${name.padEnd(9)}  ${value === null ? 'too few requests' : figure(value, ends, milliseconds)}`
  return [
    `latency${since}:`,
    row('mean', latency.mean),
    row('p50', latency.p50, within?.p50),
    row('p90', latency.p90, within?.p90),
    row('p99', latency.p99, within?.p99),
    row('p99.9', latency.p999),
    row('max', latency.max),
  ]
}

function scheduleLines({ schedule }: Measurement): readonly string[] {
  if (!schedule) return []
  const { due, lateP50, lateP99, lateMax, queued } = schedule
  const late = `p50 ${milliseconds(lateP50)}, p99 ${milliseconds(lateP99)}, max ${milliseconds(lateMax)}`
  const waited = queued > 0 ? `; ${queued} waited for a free connection` : ''
  return [`schedule     ${due} due, sent late by ${late}${waited}`]
}

const figure = (value: number, ends: Ends | null | undefined, format: (value: number) => string): string =>
  ends ? `${format(value)} (95 %: ${format(ends.low)} to ${format(ends.high)})` : format(value)

const perSecond = (value: number): string => `${value < 100 ? value.toFixed(1) : Math.round(value)}/s`
const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`
