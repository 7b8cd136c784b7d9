import { performance } from 'node:perf_hooks'
import { BACK_OFF } from './connection-errors.ts'
import { connect, type Connection, type Exchange, type Shared } from './connection.ts'
import type { Request } from './requests.ts'

/** A load that is being produced. */
export interface Running {
  /** Asks for nothing more and drops what is in flight. */
  stop(): void
}

/** How often it looks for requests that have had no answer in time, in milliseconds. */
const SWEEP = 50

/** Keeps one request in flight on each of so many connections: the next one is due when the last has been answered. */
export function closedLoop(
  shared: Shared,
  next: () => Request,
  { connections, timeoutSeconds, perRequest }: { connections: number; timeoutSeconds: number; perRequest: boolean },
): Running {
  let running = true
  const clients = Array.from({ length: connections }, client)
  const sweep = setInterval(() => {
    const oldest = performance.now() - timeoutSeconds * 1e3
    for (const each of clients) each.giveUp(oldest)
  }, SWEEP)
  return {
    stop() {
      running = false
      clearInterval(sweep)
      for (const each of clients) each.stop()
    },
  }

  function client(): { giveUp(dueBefore: number): void; stop(): void } {
    let connection: Connection
    const due = (dueAt = performance.now()): Exchange => ({ request: next(), dueAt })
    const over = (exchange: Exchange): void => {
      if (!running) return
      connection = connect(shared, {
        answered: (reusable, now) => {
          if (!running) return
          if (reusable && !perRequest) connection.ask(due(now))
          else replace()
        },
        failed: () => over(due()),
        refused: () => void setTimeout(() => over(due()), BACK_OFF),
        again: over,
        // It is only idle when no more is to be asked.
        closed: () => over(due()),
      })
      connection.ask(exchange)
    }
    const replace = (): void => {
      connection.destroy()
      over(due())
    }
    over(due())
    return {
      giveUp(dueBefore) {
        const dueAt = connection.exchange()?.dueAt
        if (dueAt === undefined || dueAt > dueBefore) return
        shared.recorder.timeout(dueAt)
        replace()
      },
      stop: () => connection.destroy(),
    }
  }
}
