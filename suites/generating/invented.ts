/** How many requests took how long, in microseconds. */
export type Latencies = ReadonlyMap<number, number>

/**
 * Takes out of wrk's latencies those that it invented. For each one of at least twice the interval at which it takes requests
 * to have been due, it adds others, an interval shorter each, down to the interval (`stats_correct`, src/stats.c of wrk 4).
 * In a closed loop nothing was due: the next request is sent when the answer is there. Going from the largest down, each
 * count is known before those that it brought about are subtracted.
 */
export function withoutInvented(latencies: Latencies, interval: number): Latencies {
  const left = new Map(latencies)
  for (const value of [...left.keys()].sort((a, b) => b - a)) {
    if (value < 2 * interval) break
    const count = left.get(value)!
    if (count === 0) continue
    for (let invented = value - interval; invented > interval; invented -= interval)
      left.set(invented, (left.get(invented) ?? 0) - count)
  }
  return left
}

/** The interval wrk takes requests to have been due at, in microseconds: what each connection needed for one (src/wrk.c). */
export function intervalOf(microseconds: number, requests: number, connections: number): number {
  const each = Math.floor(requests / connections)
  // It corrects nothing when there was less than one for each.
  return each === 0 ? Infinity : Math.floor(microseconds / each)
}
