import { BUSIEST, MOST_THREADS } from './configuration.ts'
import { FULLEST } from './size.ts'

/** What a plan's figures rest on, in the order in which a reader asks. */
export interface Assumptions {
  /** How the figures come about, with sources. */
  readonly model: readonly string[]
  /** What is taken for granted. */
  readonly assumes: readonly string[]
  /** What the model does not know. */
  readonly lacks: readonly string[]
}

const percent = (share: number): string => `${Math.round(100 * share)} %`

/** The model behind every plan, in sentences. */
export const assumptions: Assumptions = {
  model: [
    'What a request costs: CPU time of each tier per request, measured at several loads, because servers with more to do do more at a time and each request takes less; between the measured loads it is interpolated. Where throughput shows that the cores spend more than is charged to the tiers, that is added.',
    'How requests get in each other’s way: exact mean value analysis of a closed network (Reiser and Lavenberg 1980; Lazowska et al. 1984) whose stations are the cores, beside a delay in which a request keeps no core busy; no more requests are in it than there are threads to hold them.',
    'How requests come to threads: where more threads would have brought more, either to any free one, or by connections that stay with the worker that accepted them (Pólya’s urn); whichever comes closer to the measured throughputs. Connections that are opened one after the other, as in an open loop, do not crowd; threads are planned so that even those that do all find one.',
    'How long requests wait under random arrivals: M/M/c (Erlang 1917; Gross and Harris) for cores, for Python processes and for threads. The 99th percentile is the one measured at the least rate, where hardly anybody waits, plus the 99th percentiles of these waits.',
    'How many are needed: by Little’s law as many threads as requests are in hand at once, so that 99 of 100 find a free one; workers as many as cores, because a Python process computes one thing at a time; machines until the limits are kept.',
    'The range of the number of machines: 95 % intervals from measured rounds drawn anew (bootstrap), which hold what chance did to the measurement, not what the model gets wrong. That is what the comparison with held-out loads is for.',
    'The Universal Scalability Law (Gunther 2007) is fitted to all measured loads as a second opinion; the plan does not use it. It is not asked for more than twice the greatest measured load, nor where its interval is wider than 25 % either way.',
  ],
  assumes: [
    'A core of the planned machine is as fast as one of the measured machine, and four are four times as fast as one.',
    `No machine is busier than ${percent(BUSIEST)} of its cores at the peak, and none holds more than ${percent(FULLEST)} of its memory: real traffic comes in bursts, machines are slower at times, and the system needs memory as well.`,
    `A worker has ${MOST_THREADS} threads at most, and threads weigh nothing.`,
    'All requests of a class are alike; the latencies are those of requests that the application answers.',
    'Machines share the traffic evenly, and whatever spreads it over them costs nothing.',
    'Connections reach all workers that compute: measured on few cores, nobody knows how evenly they come to many.',
  ],
  lacks: [
    'What the application waits for is as fast under load as it was when measured: a database that slows down is not in the model.',
    'Memory that grows over days, caches that fill, slow clients, large uploads and TLS were not measured.',
    'Bursts within the peak hour beyond random arrivals: say so with --peak.',
  ],
}
