/**
 * How requests come to threads. `any`: to whichever is free, in any worker. `sticky`: a connection stays with the worker that
 * accepted it, and a worker that is awake accepts the next one as well, so that some are crowded while others idle; the smaller
 * `evenness`, the more. `unlimited`: there are as many threads as requests.
 */
export type Sharing =
  | { readonly kind: 'any' }
  | { readonly kind: 'sticky'; readonly evenness: number }
  | { readonly kind: 'unlimited' }

/** Workers of the application's server, and threads of each. */
export interface Slots {
  readonly workers: number
  readonly threads: number
}

/** Requests that are in threads on average while so many are there. */
export function inThreads(sharing: Sharing, { workers, threads }: Slots, requests: number): number {
  if (sharing.kind === 'unlimited') return requests
  if (sharing.kind === 'any' || workers === 1) return Math.min(requests, workers * threads)
  const held = atOneWorker(workers, sharing.evenness, requests)
  return workers * held.reduce((mean, share, connections) => mean + share * Math.min(connections, threads), 0)
}

/** Share of all connections that the most crowded worker has at most in 95 of 100 cases. */
export function crowding(workers: number, evenness: number, connections: number): number {
  const key = `${workers} ${evenness} ${connections}`
  const known = crowds.get(key) ?? crowdOf(workers, evenness, connections)
  crowds.set(key, known)
  return known
}

/** It is asked thousands of times for a few sizes. */
const crowds = new Map<string, number>()

function crowdOf(workers: number, evenness: number, connections: number): number {
  const held = atOneWorker(workers, evenness, connections)
  let beyond = 0
  for (let most = connections; most > 0; most--) {
    // Any worker may be the one.
    beyond += workers * held[most]!
    if (beyond > 0.05) return most / connections
  }
  return 1 / workers
}

/**
 * How likely one of the workers has 0, 1, 2 ... of the connections: Pólya's urn (Eggenberger and Pólya 1923), in which a worker
 * gets the next connection with a probability that grows with those it has: (evenness + its own) / (evenness x workers + all).
 */
function atOneWorker(workers: number, evenness: number, connections: number): readonly number[] {
  const others = evenness * (workers - 1)
  // Rising products as sums of logarithms: k of `own` and the rest of `others`, in any order.
  const rising = (start: number): readonly number[] => {
    const sums = [0]
    for (let taken = 0; taken < connections; taken++) sums.push(sums[taken]! + Math.log(start + taken))
    return sums
  }
  const [own, rest, all, orders] = [rising(evenness), rising(others), rising(evenness * workers), rising(1)]
  return own.map((product, k) =>
    Math.exp(
      product +
        rest[connections - k]! -
        all[connections]! +
        (orders[connections]! - orders[k]! - orders[connections - k]!),
    ),
  )
}
