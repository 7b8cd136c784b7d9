import { Option, type Command } from 'commander'
import { load as measureLoad } from '../../suites/measuring/measure.ts'
import type { Connection, Loop } from '../../suites/load/index.ts'
import { EXIT } from '../../topologies/runtimes/lab-error.ts'
import { usageError } from '../choices.ts'
import { placement } from '../host.ts'
import { loadText } from '../load-text.ts'
import { OPEN_CONNECTIONS, refuseEndless } from '../loads.ts'
import { checkedUrl } from '../loopback.ts'
import { chosenGenerator, generatorOption } from '../options.ts'
import { connections, numberBetween, rate } from '../parsers.ts'

interface Words {
  readonly url: string
  readonly connections?: number
  readonly rate?: number
  readonly duration: number
  readonly warmUp: number
  readonly timeout: number
  readonly connection: Connection
  readonly upload?: number
  readonly generator?: string
  readonly json?: boolean
  readonly allowRemote?: boolean
}

/** The largest body that can be uploaded: 64 MiB. */
const LARGEST_UPLOAD = 64 * 1024 ** 2

/** `load --url URL`: measures whatever answers at a URL of this machine. */
export function load(program: Command, signal: AbortSignal): void {
  program
    .command('load')
    .description('measure any URL of this machine; exit code 4 when the figures are not valid')
    .requiredOption('--url <url>', 'what to ask for')
    .addOption(
      new Option(
        '--connections <n>',
        `closed loop: that many at once; with --rate: the most that may be open (default ${OPEN_CONNECTIONS})`,
      ).argParser(connections),
    )
    .addOption(new Option('--rate <n>', 'open loop: that many requests a second, evenly').argParser(rate))
    .addOption(
      new Option('--duration <seconds>', 'length of the measured window')
        .argParser(numberBetween(0.2, 3600, false))
        .default(5),
    )
    .addOption(new Option('--warm-up <seconds>', 'time before it').argParser(numberBetween(0, 600, false)).default(1))
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait for an answer')
        .argParser(numberBetween(0.05, 600, false))
        .default(10),
    )
    .addOption(
      new Option('--connection <what>', 'close: a new connection for each request')
        .choices(['keep-alive', 'close'])
        .default('keep-alive'),
    )
    .addOption(
      new Option('--upload <bytes>', 'POST a body of this many bytes').argParser(numberBetween(1, LARGEST_UPLOAD)),
    )
    .addOption(generatorOption())
    .option('--json', 'print one Measurement and nothing else')
    .option('--allow-remote', 'load a server on another machine')
    .action(async (words: Words) => {
      // What produces the load speaks no TLS.
      const url = checkedUrl(words.url, words.allowRemote ?? false, ['http'])
      const measurement = await measureLoad(
        {
          name: 'load',
          url: url.href,
          loop: loopOf(words),
          connection: words.connection,
          ...(words.upload === undefined ? {} : { uploadBytes: words.upload }),
        },
        {
          repeat: 1,
          warmUpSeconds: words.warmUp,
          seconds: words.duration,
          timeoutSeconds: words.timeout,
          // Nobody knows on which CPUs the server runs: only the generator is placed.
          placement: { ...(await placement()), services: [] },
          ...(await chosenGenerator(words.generator)),
          signal,
        },
      )
      process.stdout.write(words.json ? `${JSON.stringify(measurement)}\n` : loadText(measurement))
      const { validity } = measurement
      if (validity.valid) return
      if (words.json) process.stderr.write(`Not valid: ${validity.because.join(' ')}\n`)
      process.exitCode = EXIT.inconclusive
    })
}

function loopOf({ rate, connections, warmUp, duration }: Words): Loop {
  if (rate !== undefined) {
    refuseEndless(rate, warmUp + duration)
    return { kind: 'open', rate, connections: connections ?? OPEN_CONNECTIONS }
  }
  if (connections === undefined)
    throw usageError('The load needs a size.', 'Add --connections N (closed loop) or --rate N (open loop).')
  return { kind: 'closed', connections }
}
