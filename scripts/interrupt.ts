import { EXIT } from '../topologies/runtimes/lab-error.ts'

/** Signals that ask the lab to end. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** A terminal's Ctrl-C reaches the lab twice, from the terminal and through npm; only a later one means impatience. */
const IMPATIENT_MS = 2000
const WATCH_MS = 250

/** Somebody asked the lab to end. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

/**
 * A signal that aborts when the lab is asked to end or its starter is gone. What runs then ends in order: services
 * are stopped and results kept. Asked again later, the lab exits at once; the kernel then ends its services.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  let first = 0
  const interrupt = (reason: string) => {
    const now = performance.now()
    if (!controller.signal.aborted) {
      first = now
      controller.abort(new Interrupted(reason))
    } else if (now - first > IMPATIENT_MS) {
      process.exit(EXIT.interrupted)
    }
  }
  for (const signal of SIGNALS) process.on(signal, () => interrupt(signal))
  const starter = Number(process.env['LAB_BOOT_PID'])
  if (starter === process.ppid) {
    setInterval(() => process.ppid !== starter && interrupt('its starter is gone'), WATCH_MS).unref()
  }
  return controller.signal
}
