/** How long requests wait for one of several servers, in the unit of the service time. */
export interface Waiting {
  /** Share of requests that find all servers busy. */
  readonly probability: number
  /** Of all requests, those that do not wait included. */
  readonly mean: number
  /** Longest wait of that share of the requests: `quantile(0.99)` is not exceeded by 99 of 100. */
  quantile(share: number): number
}

/**
 * Share of requests that find all servers busy when `offered` of them would be busy on average (Erlang 1917, "C"), from the
 * recursion of his loss formula "B", which stays exact where factorials overflow (Cooper 1981, "Introduction to Queueing
 * Theory", 3.3). 1 when they cannot keep up.
 */
export function erlangC(servers: number, offered: number): number {
  if (offered >= servers) return 1
  let lost = 1
  for (let busy = 1; busy <= servers; busy++) lost = (offered * lost) / (busy + offered * lost)
  return lost / (1 - (offered / servers) * (1 - lost))
}

/**
 * Waiting in the queue M/M/c (Gross and Harris, "Fundamentals of Queueing Theory", 2.3): requests come at random, `rate` of them
 * in a unit of time, and take `service` on average, most of them less. Undefined when the servers cannot keep up.
 */
export function waiting(servers: number, rate: number, service: number): Waiting | undefined {
  const offered = rate * service
  if (servers === Infinity || offered === 0) return { probability: 0, mean: 0, quantile: () => 0 }
  if (offered >= servers) return undefined
  const probability = erlangC(servers, offered)
  // What the servers could do beside: the longer ones wait, the fewer are left, at this rate.
  const spare = servers / service - rate
  return {
    probability,
    mean: probability / spare,
    quantile: (share) => Math.max(0, Math.log(probability / (1 - share)) / spare),
  }
}
