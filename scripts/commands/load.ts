import { Option, type Command } from 'commander'
import { load as measureLoad } from '../../suites/measuring/measure.ts'
import type { Measurement } from '../../reports/run.ts'
import { usageError } from '../choices.ts'
import { EXIT } from '../../topologies/runtimes/lab-error.ts'
import { placement } from '../host.ts'
import { checkedUrl } from '../loopback.ts'
import { numberBetween } from '../options.ts'

interface Words {
  readonly url: string
  readonly connections?: number
  readonly rate?: number
  readonly duration: number
  readonly warmUp: number
  readonly json?: boolean
  readonly allowRemote?: boolean
}

/** `load --url URL`: measures whatever answers at a URL of this machine. */
export function load(program: Command, signal: AbortSignal): void {
  program
    .command('load')
    .description('measure any URL of this machine')
    .requiredOption('--url <url>', 'what to ask for')
    .addOption(
      new Option('--connections <n>', 'closed loop: that many at once')
        .argParser(numberBetween(1, 10_000))
        .conflicts('rate'),
    )
    .addOption(
      new Option('--rate <n>', 'open loop: that many a second (not yet)').argParser(numberBetween(1, 1_000_000)),
    )
    .addOption(
      new Option('--duration <seconds>', 'length of the measured window')
        .argParser(numberBetween(0.2, 3600, false))
        .default(5),
    )
    .addOption(new Option('--warm-up <seconds>', 'time before it').argParser(numberBetween(0, 600, false)).default(1))
    .option('--json', 'print one Measurement and nothing else')
    .option('--allow-remote', 'load a server on another machine')
    .action(async (words: Words) => {
      // What produces the load speaks no TLS.
      const url = checkedUrl(words.url, words.allowRemote ?? false, ['http'])
      if (words.rate !== undefined)
        throw usageError('Open loops (--rate) are not possible yet.', 'Use --connections for a closed loop.')
      if (words.connections === undefined) throw usageError('The load needs a size.', 'Add --connections N.')
      const where = await placement()
      const measurement = await measureLoad(
        { name: 'load', url: url.href, loop: { kind: 'closed', connections: words.connections } },
        // Nobody knows on which CPUs the server runs: only the generator is placed.
        {
          repeat: 1,
          warmUpSeconds: words.warmUp,
          seconds: words.duration,
          placement: { ...where, services: [] },
          signal,
        },
      )
      process.stdout.write(words.json ? `${JSON.stringify(measurement)}\n` : readable(measurement))
      if (measurement.requests === 0) process.exitCode = EXIT.inconclusive
    })
}

function readable({
  throughput,
  latency,
  requests,
  errors,
  errorKinds,
  timeouts,
  seconds,
  validity,
}: Measurement): string {
  const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`
  const kinds = Object.entries(errorKinds).map(([kind, count]) => `${count} x ${kind}`)
  return [
    `${requests} requests in ${seconds.toFixed(2)} s: ${Math.round(throughput)} per second`,
    latency
      ? `latency: mean ${ms(latency.mean)}, p50 ${ms(latency.p50)}, p90 ${ms(latency.p90)}, p99 ${ms(latency.p99)}, p99.9 ${ms(latency.p999)}, max ${ms(latency.max)}`
      : 'latency: nothing was answered',
    `errors: ${errors}${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}, timeouts: ${timeouts}`,
    validity.valid ? 'valid' : `not valid: ${validity.because.join(' ')}`,
    '',
  ].join('\n')
}
