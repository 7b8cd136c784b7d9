import { createHash } from 'node:crypto'
import type { Host } from './run.ts'

/** Which machine figures were made on. */
export interface Machine {
  /** Eight hexadecimal digits, the same wherever the words are the same. */
  readonly fingerprint: string
  /** What it stands for: `AMD EPYC 7763, 2 CPUs, 8 GiB memory, kernel 6.12.48, x64`. */
  readonly says: string
}

/**
 * What tells machines apart whose figures must not be compared: model and number of CPUs, memory in whole GiB (a kernel keeps
 * some for itself, a little more with each release), kernel and architecture. Two machines of one kind are the same to it.
 */
export function machineOf({ cpu, cpus, memoryBytes, kernel, architecture }: Host): Machine {
  const memory = `${Math.max(1, Math.round(memoryBytes / 1024 ** 3))} GiB memory`
  const says = [cpu, `${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}`, memory, `kernel ${kernel}`, architecture].join(', ')
  return { fingerprint: createHash('sha256').update(says).digest('hex').slice(0, 8), says }
}
