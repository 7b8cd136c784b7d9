import { performance } from 'node:perf_hooks'
import { connect, type Connection, type Exchange, type Shared } from './connection.ts'
import type { Loop } from '../load/index.ts'
import type { Request } from './requests.ts'

/** When requests are due, in milliseconds of this process's clock. */
export interface Timetable {
  /** When the next request is due: asked once for each, in order. */
  readonly due: () => number
  readonly until: number
}

/** Moments at which requests are due, `interval` milliseconds apart on average from `from` on. */
export function dueTimes(
  arrivals: Extract<Loop, { kind: 'open' }>['arrivals'],
  from: number,
  interval: number,
  random: () => number,
): Timetable['due'] {
  let [count, last] = [0, from]
  if (arrivals === 'random') return () => (last -= Math.log(1 - random()) * interval)
  return () => from + (count++ + (arrivals === 'jittered' ? random() : 0)) * interval
}

/** Timers of Node's come up to a millisecond late: the last bit before a request is due is spent looking at the clock. */
const SPIN = 2

/** How often it looks for requests that have had no answer in time, in milliseconds. */
const SWEEP = 20

/**
 * Sends each request when it is due, however many are unanswered, over at most `connections` connections; one that finds none
 * free waits, its clock running. Resolves when all have been answered, have gone wrong or have timed out.
 */
export function openLoop(
  shared: Shared,
  next: () => Request,
  timetable: Timetable,
  { connections, timeoutSeconds, perRequest }: { connections: number; timeoutSeconds: number; perRequest: boolean },
): Promise<void> {
  const { recorder } = shared
  const idle: Connection[] = []
  const busy = new Set<Connection>()
  /** First in, first out; `head` is the next to go, because shifting a long array is slow. */
  let [queue, head]: [Exchange[], number] = [[], 0]
  const { due, until } = timetable
  let [dueAt, isOver] = [due(), false]
  const { promise: settled, resolve } = Promise.withResolvers<void>()

  const open = (exchange: Exchange): void => {
    const connection = connect(shared, {
      answered: (reusable) => {
        busy.delete(connection)
        if (reusable && !perRequest) idle.push(connection)
        else connection.destroy()
        serve()
      },
      failed: () => lose(connection),
      refused: () => lose(connection),
      again: (once) => {
        busy.delete(connection)
        open(once)
      },
      closed: () => {
        const at = idle.indexOf(connection)
        if (at >= 0) idle.splice(at, 1)
        serve()
      },
    })
    busy.add(connection)
    connection.ask(exchange)
  }

  const lose = (connection: Connection): void => {
    busy.delete(connection)
    serve()
  }

  /** Whether it could be sent at once. */
  const send = (exchange: Exchange): boolean => {
    // The one used last: it is the least likely to be closed by the server just now.
    const free = idle.pop()
    if (free !== undefined) {
      busy.add(free)
      free.ask(exchange)
      return true
    }
    if (busy.size >= connections) return false
    open(exchange)
    return true
  }

  const serve = (): void => {
    while (head < queue.length && send(queue[head]!)) head += 1
    if (head === queue.length) [queue, head] = [[], 0]
    if (isOver && busy.size === 0 && queue.length === 0) resolve()
  }

  const pace = (): void => {
    const now = performance.now()
    for (;;) {
      if (dueAt >= until) {
        isOver = true
        return serve()
      }
      if (dueAt > now) {
        if (dueAt - now > SPIN) setTimeout(pace, dueAt - now - SPIN + 0.5)
        else setImmediate(pace)
        return
      }
      const exchange = { request: next(), dueAt }
      const isSent = head === queue.length && send(exchange)
      if (!isSent) queue.push(exchange)
      recorder.sent(dueAt, !isSent)
      dueAt = due()
    }
  }

  const sweep = setInterval(() => {
    const oldest = performance.now() - timeoutSeconds * 1e3
    for (const connection of busy) {
      const dueAt = connection.exchange()!.dueAt
      if (dueAt > oldest) continue
      recorder.timeout(dueAt)
      connection.destroy()
      busy.delete(connection)
    }
    for (; head < queue.length && queue[head]!.dueAt <= oldest; head++) recorder.timeout(queue[head]!.dueAt)
    serve()
  }, SWEEP)

  pace()
  return settled.finally(() => {
    clearInterval(sweep)
    for (const connection of idle) connection.destroy()
  })
}
