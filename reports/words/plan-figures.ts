import type { Bounds } from '../resampling.ts'
import type { Size, SizedTier } from '../planning/planned.ts'
import type { Result } from '../run.ts'
import { list, plural } from './quantities.ts'

/** A figure of a plan: no more digits than a prediction is worth. */
export const about = (value: number, digits = 2): string =>
  Number.isFinite(value) ? value.toLocaleString('en', { maximumSignificantDigits: digits }) : 'unknown'

/** Requests per second. */
export const rateText = (rate: number): string => `${about(rate, 3)} requests per second`

/** A time given in milliseconds. */
export const milliseconds = (value: number): string => `${about(value)}\u00a0ms`

/** Memory given in bytes, in the units in which machines are sold: 1 GB is 10^9 bytes. */
export const memoryText = (bytes: number): string =>
  bytes >= 1e9 ? `${about(bytes / 1e9)}\u00a0GB` : `${about(bytes / 1e6)}\u00a0MB`

/** Memory of a machine, in GiB where it is a whole number of them, as `--memory 4G` is. */
export const machineMemory = (bytes: number): string =>
  bytes > 0 && bytes % 2 ** 30 === 0 ? `${about(bytes / 2 ** 30, 4)}\u00a0GiB` : memoryText(bytes)

/** What one machine holds. A tier whose memory could not be read counts as nothing, so that is said. */
export function heldText({ tiers, memoryBytes }: Pick<Size, 'tiers' | 'memoryBytes'>): string {
  if (memoryBytes === 0) return 'not known'
  return `${tiers.some((tier) => tier.memoryBytes === 0) ? 'at least ' : ''}${memoryText(memoryBytes)}`
}

/** How many times more, rounded down: `1.4×`. Close to 1, where a tenth decides, with another digit. */
export function timesText(ratio: number): string {
  const step = ratio < 1.1 ? 100 : ratio < 10 ? 10 : 1
  return `${about(Math.floor(ratio * step + 1e-9) / step, 3)}×`
}

/** By how much a prediction is off: `+12 %`. */
export function errorText(error: number): string {
  const shown = Math.round(error * 100)
  return `${shown > 0 ? '+' : shown < 0 ? '−' : ''}${about(Math.abs(shown), 3)}\u00a0%`
}

/** `4 × 8`: workers, and threads of each. */
export const sizeText = ({ workers, threads }: Pick<Size, 'workers' | 'threads'>): string => `${workers} × ${threads}`

/** `4 workers of 8 threads`. */
export const workersText = ({ workers, threads }: Pick<Size, 'workers' | 'threads'>): string =>
  `${plural(workers, 'worker')} of ${plural(threads, 'thread')}`

/** `2 to 4`; nothing where both ends are what stands before it. */
export function rangeText(value: number, within: Bounds | undefined): string {
  if (within === undefined || (within.low === value && within.high === value)) return ''
  const [low, high] = [about(within.low, 3), about(within.high, 3)]
  return low === high ? low : `${low} to ${high}`
}

/** `3 (2 to 4)`. */
export function machinesText({ machines, machinesWithin }: Size): string {
  const range = rangeText(machines, machinesWithin)
  return range === '' ? String(machines) : `${machines} (${range})`
}

/** A server as readers know it: `Gunicorn`. */
export const titleOf = ({ tiers }: Result, { role, server }: Pick<SizedTier, 'role' | 'server'>): string =>
  tiers.find((tier) => tier.role === role && tier.server === server)?.title ?? server

/** What runs out first, in few words. */
export function saturationText({ saturatesFirst: first }: Size, result: Result): string {
  switch (first.kind) {
    case 'cores':
      return result.tiers.length === 1 ? 'cores' : `cores, most for ${titleOf(result, first)}`
    case 'interpreters':
      return 'Python processes'
    case 'threads':
      return 'threads'
  }
}

/** The same as a sentence's end, with its reason. */
export function saturationReason({ saturatesFirst: first }: Size, result: Result): string {
  switch (first.kind) {
    case 'cores':
      return `cores run out first${result.tiers.length === 1 ? '' : `, most of which ${titleOf(result, first)} takes`}`
    case 'interpreters':
      return 'Python processes run out first, each of which computes one thing at a time'
    case 'threads':
      return 'threads run out first: all of them wait while cores are left'
  }
}

/** `Gunicorn gthread`, `nginx`: servers of a result with what tells their variants apart. */
export const serversText = ({ tiers }: Result): string =>
  list(
    tiers.map(({ title, variant, role }) => (role === 'app' && variant !== 'default' ? `${title} ${variant}` : title)),
  )
