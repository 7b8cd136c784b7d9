import type { Loop } from '../load/index.ts'

/** What to send, for how long. */
export interface Load {
  readonly url: string
  readonly loop: Loop
  readonly warmUpSeconds: number
  readonly seconds: number
  /** A response counts as an error unless it has this status (any 2xx or 3xx when absent) and body length. */
  readonly expects?: { readonly status: number; readonly bytes?: number }
  /** After this long without an answer a request counts as timed out and its connection is replaced. */
  readonly timeoutSeconds: number
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
  /** Share of the window in which its event loop was busy, 0 to 1. */
  readonly eventLoopUtilization: number
}

/** What produces a load. It runs in a process of its own (`suites/generating/generate.ts`). */
export interface Generator {
  /** The file's name. */
  readonly name: string
  readonly title: string
  readonly loops: readonly Loop['kind'][]
  /** `begin` and `end` are called at the very edges of the measured window, so that others can measure the same one. */
  run(load: Load, window: { begin(): void; end(): void }, signal: AbortSignal): Promise<Recording>
}
