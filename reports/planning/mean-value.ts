/** A place in a closed network where requests are served; those that find all its servers busy wait for their turn. */
export interface Station {
  /** Servers working in parallel; 1.5 serve one request alone at full speed and more at most one and a half times as fast. */
  readonly servers: number
  /** Time of one server that a request takes, over all its visits. */
  readonly demand: number
}

/** A closed network: a fixed number of requests go round, each spending `delay` where nobody waits for anybody. */
export interface Network {
  readonly stations: readonly Station[]
  /** In the unit of the demands. */
  readonly delay: number
}

/** What a closed network does with a number of requests in it; times in the unit of the demands. */
export interface MeanValues {
  readonly throughput: number
  /** Time at the stations, the delay not included. */
  readonly residence: number
  /** Requests at each station, waiting or being served, on average. */
  readonly queues: readonly number[]
}

/**
 * Exact mean value analysis (Reiser and Lavenberg 1980, "Mean-value analysis of closed multichain queuing networks"; with
 * load-dependent stations: Lazowska et al. 1984, "Quantitative System Performance", 8.3) for 1 to `population` requests, in
 * this order. How often a station is empty comes from the network without it (Reiser 1981, "Mean-value analysis and
 * convolution method for queue-dependent servers in closed queueing networks"): the difference of 1 and all other shares,
 * as the algorithm is usually printed, is rounding errors alone where a station of several servers is full.
 */
export function meanValues({ stations, delay }: Network, population: number): readonly MeanValues[] {
  const without = stations.map((_, at) => {
    const others = stations.toSpliced(at, 1)
    return others.length === 0 ? undefined : meanValues({ stations: others, delay }, population)
  })
  const found: MeanValues[] = []
  // Of each station, how likely 0, 1, 2 ... requests are there.
  let shares: readonly (readonly number[])[] = stations.map(() => [1])
  for (let requests = 1; requests <= population; requests++) {
    const residences = stations.map((station, at) =>
      shares[at]!.reduce((sum, share, before) => sum + share * (before + 1) * timeAt(station, before + 1), 0),
    )
    const residence = residences.reduce((sum, each) => sum + each, 0)
    const throughput = requests / (delay + residence)
    shares = stations.map((station, at) => {
      const elsewhere = without[at]?.[requests - 1]!.throughput ?? requests / delay
      const [empty, ...busy] = shares[at]!
      return [
        (empty! * throughput) / elsewhere,
        ...[empty!, ...busy].map((share, before) => throughput * timeAt(station, before + 1) * share),
      ]
    })
    found.push({ throughput, residence, queues: residences.map((each) => throughput * each) })
  }
  return found
}

/** From one completion to the next while so many requests are there. */
const timeAt = ({ servers, demand }: Station, requests: number): number => demand / Math.min(requests, servers)

/**
 * Asymptotes of a closed network's throughput (Denning and Buzen 1978, "The operational analysis of queueing network models"):
 * it is below both `requests / alone` and `most`, which is Infinity where nobody ever waits.
 */
export function asymptotes({ stations, delay }: Network): { readonly alone: number; readonly most: number } {
  return {
    alone: delay + stations.reduce((sum, { demand }) => sum + demand, 0),
    most: Math.min(...stations.map(({ servers, demand }) => servers / demand)),
  }
}
