import type { Connection, Expectation, Loop, Part, SlowClients } from '../load/index.ts'

/** What to send, for how long. */
export interface Load {
  readonly url: string
  readonly loop: Loop
  readonly warmUpSeconds: number
  readonly seconds: number
  /** A response counts as an error unless it has this status (any 2xx or 3xx when absent) and body length. */
  readonly expects?: Expectation
  /** After this long without an answer a request counts as timed out and its connection is replaced. */
  readonly timeoutSeconds: number
  /** @default 'GET' */
  readonly method?: 'GET' | 'HEAD'
  /** Sends bodies of this many bytes by POST instead. */
  readonly uploadBytes?: number
  /** Asks for these instead, in an order that depends on nothing but `seed`; the URL says where the server is. */
  readonly mix?: readonly Part[]
  readonly slowClients?: SlowClients
  /** @default 'keep-alive' */
  readonly connection?: Connection
  /** @default 1 */
  readonly seed?: number
  /** Which of several processes that produce it together this one is; each has its own share of connections and of the rate. */
  readonly share?: { readonly index: number; readonly of: number }
}

/** What a generator saw during the measured window, the warm-up excluded. */
export interface Recording {
  /** Complete and right responses. */
  readonly requests: number
  /** Wrong status, wrong length, truncated or malformed responses, connections lost with a request in flight. */
  readonly errors: number
  /** The most frequent causes of errors, with counts. */
  readonly errorKinds: Readonly<Record<string, number>>
  readonly timeouts: number
  /** Bytes received, heads included. */
  readonly bytes: number
  /** Measured length of the window. */
  readonly seconds: number
  /** Latencies of `requests` in microseconds: an HDR histogram, compressed and base64-encoded (V2). */
  readonly histogram: string
  /** CPU time of the generator's process during the window, in seconds. */
  readonly cpuSeconds: number
  /** That of the busiest process, where several produced the load together. */
  readonly busiestCpuSeconds?: number
  /** Share of the window in which its event loop was busy, 0 to 1. */
  readonly eventLoopUtilization: number
  /** Right responses that ended while the window was open, whenever they were due. In a closed loop these are `requests`. */
  readonly completed?: number
  /** Connections opened during the window. */
  readonly connects?: number
  /** Share of the window in which the generator was ready to run but had no CPU; null where the kernel does not tell. */
  readonly delayed?: number | null
  /** Answers that say when they were made, and those of them that were made before they were asked for: hits of a cache. */
  readonly stamped?: { readonly answers: number; readonly hits: number }
  /** The same latencies in equal parts of the window, in order, encoded alike: what the window's own intervals are made of. */
  readonly slices?: readonly string[]
  /** How well an open loop kept its schedule. */
  readonly schedule?: Schedule
}

/** How well an open loop kept its schedule. Latencies count from when a request was due, so they hold these delays. */
export interface Schedule {
  /** Requests that were due in the window: each of them was answered, went wrong or timed out. */
  readonly due: number
  /** How late requests were sent, in microseconds: an HDR histogram, encoded as the latencies. */
  readonly lateness: string
  /** Requests that had to wait because no connection was free and no more could be opened. */
  readonly queued: number
}

/** What produces a load. It runs in a process of its own (`suites/generating/generate.ts`). */
export interface Generator {
  /** The file's name. */
  readonly name: string
  readonly title: string
  readonly loops: readonly Loop['kind'][]
  /** Whether several processes can produce its load together, each its `share`. */
  readonly splits?: true
  /** Why it cannot produce a load of a kind it knows; undefined when it can. */
  refuses?(load: Omit<Load, 'url'>): string | undefined
  /** `begin` and `end` are called at the very edges of the measured window, so that others can measure the same one. */
  run(load: Load, window: { begin(): void; end(): void }, signal: AbortSignal): Promise<Recording>
}
