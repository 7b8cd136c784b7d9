import type { Command } from 'commander'
import { access, constants, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { archive } from '../../topologies/runtimes/archive.ts'
import { DEFAULT_BASE } from '../../topologies/runtimes/base.ts'
import { cacheDirectory } from '../../topologies/runtimes/cache-directory.ts'
import { EXIT, LabError } from '../../topologies/runtimes/lab-error.ts'
import { onPath } from '../../topologies/runtimes/on-path.ts'
import { ROOT } from '../catalogue.ts'
import { host, placement } from '../host.ts'

/** What a check found. `todo` says what to do, or what does not work without it. */
interface Finding {
  readonly state: 'ok' | 'warning' | 'missing'
  readonly what: string
  readonly todo?: string
}

const ok = (what: string): Finding => ({ state: 'ok', what })

const CHECKS: readonly (() => Promise<Finding>)[] = [
  async () => ok(`${(await host()).os}, Linux ${(await host()).kernel}, Node ${process.version}`),
  async () => {
    const found = await archive().catch((error: unknown) => error)
    return found instanceof LabError ? failed(found) : ok('Debian or Ubuntu: the servers come from its archive')
  },
  async () => {
    const cache = await cacheDirectory().catch((error: unknown) => error)
    if (cache instanceof LabError) return failed(cache)
    const made = (await readdir(cache as string)).filter((name) => name.startsWith('toolchain-') && !name.includes('.'))
    return ok(
      made.length > 0
        ? `servers are unpacked in ${cache as string}`
        : `servers will be unpacked in ${cache as string} (450 MB)`,
    )
  },
  async () => {
    const { bavail, bsize } = await statfs(ROOT)
    const free = `${Math.floor((bavail * bsize) / 1e9)} GB of disk are free`
    return bavail * bsize > 1e9
      ? ok(free)
      : { state: 'warning', what: free, todo: 'Packages and servers need 1 GB on the first run.' }
  },
  async () => {
    const tools = ['setpriv', 'taskset', 'flock', 'apt-get', 'dpkg-deb']
    const missing = tools.filter((tool) => !onPath(tool))
    return missing.length === 0
      ? ok(`found ${tools.join(', ')}`)
      : { state: 'missing', what: `not found: ${missing.join(', ')}`, todo: 'Install util-linux and apt.' }
  },
  async () => {
    const [{ engine }, { imageId }] = await Promise.all([
      import('../../topologies/runtimes/containers/engine.ts'),
      import('../../topologies/runtimes/containers/images.ts'),
    ])
    const found = await engine().catch((error: unknown) => error)
    if (found instanceof LabError) return { ...failed(found), state: 'warning' }
    const { docker, title, isLocal } = found as Awaited<ReturnType<typeof engine>>
    const base = await imageId(docker, DEFAULT_BASE)
    const network = isLocal ? 'the machine’s own network' : 'a private network (its containers are not on this machine)'
    return base
      ? ok(`${title} with ${DEFAULT_BASE}, in ${network}`)
      : {
          state: 'warning',
          what: `${title} has no ${DEFAULT_BASE}`,
          todo: 'The first run pulls it; where no registry can be reached: npm run base-image.',
        }
  },
  async () => {
    const { services, generator } = await placement()
    return services.some((cpu) => generator.includes(cpu))
      ? {
          state: 'warning',
          what: 'there is one CPU',
          todo: 'Servers and generator share it, so no load that needs either of them is measured rightly, and what threads and processes gain cannot be seen; conformance is not affected.',
        }
      : ok(`servers on CPU ${services.join(', ')}, generator on CPU ${generator.join(', ')}`)
  },
  async () => {
    const { cpuPressure } = await host()
    return cpuPressure !== null && cpuPressure > 10
      ? {
          state: 'warning',
          what: `tasks waited for a CPU ${cpuPressure} % of the last 10 s`,
          todo: 'Measure when the machine is quieter.',
        }
      : ok(`CPU pressure ${cpuPressure ?? 'unknown'} %`)
  },
  async () => {
    const { governor } = await host()
    return governor !== null && governor !== 'performance'
      ? {
          state: 'warning',
          what: `CPU frequency governor is ${governor}`,
          todo: 'For steadier numbers: cpupower frequency-set -g performance.',
        }
      : ok(`CPU frequency governor: ${governor ?? 'not visible here'}`)
  },
  async () =>
    (await access(join(ROOT, 'reports'), constants.W_OK).then(
      () => true,
      () => false,
    ))
      ? ok('reports can be written')
      : { state: 'warning', what: 'the checkout cannot be written', todo: 'Name a folder for the report with --out.' },
]

/** `doctor`: what this machine lacks, what that disables and how to mend it. */
export function doctor(program: Command): void {
  program
    .command('doctor')
    .description('check this machine: what is missing, what that disables, how to mend it')
    .option('--json', 'print one JSON document and nothing else')
    .action(async (options: { json?: boolean }) => {
      const findings: Finding[] = []
      for (const check of CHECKS) findings.push(await check())
      process.stdout.write(
        options.json
          ? `${JSON.stringify(findings, null, 1)}\n`
          : findings
              .map(({ state, what, todo }) => `${state.padEnd(8)} ${what}${todo ? `\n         ${todo}` : ''}\n`)
              .join(''),
      )
      if (findings.some((finding) => finding.state === 'missing')) process.exitCode = EXIT.environment
    })
}

function failed(error: LabError): Finding {
  const [what = '', ...todo] = error.message.split('\n')
  return { state: 'missing', what, todo: todo.join(' ') }
}
