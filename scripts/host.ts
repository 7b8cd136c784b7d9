import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { promisify } from 'node:util'
import type { Host } from '../reports/run.ts'
import type { Placement } from '../topologies/runtimes/index.ts'
import type { Role } from '../topologies/servers/index.ts'
import { osRelease } from '../topologies/runtimes/os-release.ts'
import { ROOT } from './catalogue.ts'
import { usageError } from './choices.ts'

const run = promisify(execFile)
const text = (path: string) => readFile(path, 'utf8').catch(() => '')

/** What a reader needs to know of the machine before believing a number measured on it. */
export async function host(): Promise<Host> {
  const cpuinfo = await text('/proc/cpuinfo')
  const packageJson = JSON.parse(await readFile(`${ROOT}/package.json`, 'utf8')) as { version: string }
  return {
    os: osRelease('PRETTY_NAME') || process.platform,
    kernel: release(),
    architecture: process.arch,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    virtualization: /^flags.*\bhypervisor\b/m.test(cpuinfo) ? ((await hypervisor()) ?? 'a virtual machine') : null,
    governor: (await text('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor')).trim() || null,
    node: process.version,
    lab: packageJson.version,
    cpuPressure: await cpuPressure(),
  }
}

/** CPU pressure of the last 10 s, in percent (Linux PSI, `/proc/pressure/cpu`). */
async function cpuPressure(): Promise<number | null> {
  const found = /some avg10=([\d.]+)/.exec(await text('/proc/pressure/cpu'))?.[1]
  return found === undefined ? null : Number(found)
}

async function hypervisor(): Promise<string | null> {
  const detected = await run('systemd-detect-virt', ['--vm']).catch(() => null)
  return detected?.stdout.trim() || (await text('/sys/class/dmi/id/sys_vendor')).trim() || null
}

/** The lab's own commit, with `+` when files were changed since; null outside a checkout. */
export async function commit(): Promise<string | null> {
  const head = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT }).catch(() => null)
  if (!head) return null
  const changed = await run('git', ['status', '--porcelain'], { cwd: ROOT }).catch(() => null)
  return head.stdout.trim() + (changed?.stdout ? '+' : '')
}

/** More CPUs than this are of no use to a generator, and those of others would count as disturbed. */
const MOST_FOR_GENERATOR = 4

/** A core, as the numbers of its CPUs: more than one where it has several hardware threads. */
export type Core = readonly number[]

/**
 * The CPUs the lab may use, shared out. `cpusOfServices`: so many for all services together. Without it, each of the `roles`
 * that the topologies have gets a core of its own where there are enough of them; else all services share one CPU.
 */
export async function placement(cpusOfServices?: number, roles: readonly Role[] = []): Promise<Placement> {
  const allowed = parseCpuList(/^Cpus_allowed_list:\s*(\S+)/m.exec(await text('/proc/self/status'))?.[1] ?? '')
  const all = allowed.length > 0 ? allowed : [...Array(availableParallelism()).keys()]
  return placementOn(await coresOf(all), cpusOfServices, roles)
}

/**
 * The same on given cores: services get the first ones, the generator the last. With a single CPU both get it, and
 * measurements say so.
 */
export function placementOn(cores: readonly Core[], cpusOfServices?: number, roles: readonly Role[] = []): Placement {
  const all = cores.flat().sort((one, other) => one - other)
  if (cpusOfServices === undefined && roles.length > 0 && cores.length > roles.length) {
    // Of a core's hardware threads one is left alone: two that share a core slow each other down.
    const firsts = cores.map(([first]) => first!)
    const tiers = Object.fromEntries(roles.map((role, index) => [role, [firsts[index]!]]))
    const generator = firsts.slice(roles.length).slice(-MOST_FOR_GENERATOR)
    return { services: firsts.slice(0, roles.length), generator, tiers }
  }
  const wanted = cpusOfServices ?? 1
  if (wanted >= all.length && wanted > 1) {
    throw usageError(
      `The servers cannot have ${wanted} of ${all.length} CPUs: the generator needs one of its own.`,
      `Use --cpus ${Math.max(1, all.length - 1)} or less.`,
    )
  }
  return all.length === 1
    ? { services: all, generator: all }
    : { services: all.slice(0, wanted), generator: all.slice(-1) }
}

/** CPUs by the core they belong to; each a core of its own where the kernel does not tell. */
async function coresOf(all: readonly number[]): Promise<readonly Core[]> {
  const siblings = await Promise.all(
    all.map((cpu) => text(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`)),
  )
  const cores = Map.groupBy(all, (cpu) => siblings[all.indexOf(cpu)]!.trim() || `cpu${cpu}`)
  return [...cores.values()]
}

/** The kernel's list format (`0-2,5`) as numbers. */
function parseCpuList(list: string): readonly number[] {
  return list
    .split(',')
    .filter(Boolean)
    .flatMap((range) => {
      const [from = 0, to = from] = range.split('-').map(Number)
      return Array.from({ length: to - from + 1 }, (_, index) => from + index)
    })
}
