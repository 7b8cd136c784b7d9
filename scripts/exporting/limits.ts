import type { Exported } from './formats/index.ts'
import type { Launch, Role } from '../../topologies/servers/index.ts'

/** Memory is measured in steady use: what comes in bursts, and what another machine's allocator keeps, is beside it. */
const MEMORY_ROOM = 1.5
/** Half of a limit in use at the peak leaves room for starts, and for what is not spread evenly within a second. */
const CPU_ROOM = 2
/** No server starts in less. */
const LEAST_MEBIBYTES = 64
const MEBI = 2 ** 20

/** What one tier asks of a machine: what it needs at the peak, and what it is stopped at. */
export interface TierLimits {
  /** Cores. */
  readonly cpu: { readonly request: number; readonly limit: number }
  /** Mebibytes. */
  readonly memory: { readonly request: number; readonly limit: number }
}

/** The limits of a tier: its figures of the plan with room above them. */
export function limitsOf({ size, cores }: Pick<Exported, 'size' | 'cores'>, role: Role, launch: Launch): TierLimits {
  const { cores: busy, memoryBytes } = size.tiers.find((tier) => tier.role === role)!
  const measured = Math.max(1, Math.ceil(memoryBytes / MEBI))
  const limit = Math.max(LEAST_MEBIBYTES, Math.ceil(measured * MEMORY_ROOM)) + stored(launch)
  return {
    cpu: {
      request: Math.max(0.01, Math.ceil(busy * 100) / 100),
      limit: Math.min(cores, Math.max(0.5, Math.ceil(busy * CPU_ROOM * 10) / 10)),
    },
    memory: { request: measured, limit: Math.ceil(limit / 16) * 16 },
  }
}

/** Mebibytes that a cache fills in time with what it stores (Varnish's malloc), hardly any of which was filled when it was measured. */
const stored = ({ argv }: Launch): number =>
  Number(/^malloc,(\d+)m$/.exec(argv.find((word) => word.startsWith('malloc,')) ?? '')?.[1] ?? 0)

/** Processes of a web server or cache: one for each core that it needs. */
export const cpusFor = ({ size }: Pick<Exported, 'size'>, role: Role): number =>
  Math.max(1, Math.ceil(size.tiers.find((tier) => tier.role === role)?.cores ?? 1))
