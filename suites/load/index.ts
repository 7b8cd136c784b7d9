import type { Content } from '../../reports/run.ts'

/** How a load is paced: by responses (`closed`) or by the clock (`open`, rate per second). */
export type Loop =
  | { readonly kind: 'closed'; readonly connections: number }
  | {
      readonly kind: 'open'
      readonly rate: number
      readonly connections: number
      /**
       * When requests are due. `jittered`: each at a moment of its own interval that chance chooses. `random`: at intervals that are
       * exponentially distributed, as those of many visitors are who know nothing of each other (a Poisson process). @default evenly
       */
      readonly arrivals?: 'jittered' | 'random'
    }

/** What a right answer looks like; anything else is an error, so that nothing broken is measured. */
export interface Expectation {
  readonly status: number
  /** Length of the body; any when absent. */
  readonly bytes?: number
}

/** One kind of request among those of a mixed load. */
export interface Part {
  /** How many of all requests are of this kind; shares add up to 1. */
  readonly share: number
  /** `{page}` in it stands for the number of a page. */
  readonly path: string
  /** Any 2xx or 3xx, where nothing more is known of it, as of a user's own application. */
  readonly expects?: Expectation
  /** Which page is asked for; absent where the path names none. */
  readonly pages?: {
    /** How many popular pages there are. */
    readonly count: number
    /** Exponent of Zipf's law, by which the popular ones are asked for (Breslau et al., INFOCOM 1999: 0.6 to 0.8 on the Web). */
    readonly exponent: number
    /** Share of requests for popular pages, 0 to 1; the others are for pages that nobody asked for before. */
    readonly hitRatio: number
  }
}

/** Connections beside the measured ones, which take their time. */
export interface SlowClients {
  /** Connections that are opened and then say nothing. */
  readonly idle: number
  /** Connections that send a request so slowly that it takes seconds, and then the next one. */
  readonly trickling: number
}

/** A named, repeatable load. */
export interface Workload {
  /** The file's name. */
  readonly name: string
  readonly title: string
  /** One sentence: what it asks for and what that shows. */
  readonly says: string
  /** Which of a reader's questions it answers. `framework` compares libraries, not topologies. */
  readonly content: Content
  /** The application it needs, a module of `apps/`. */
  readonly application: string
  readonly path: string
  readonly loop: Loop
  /** Any 2xx or 3xx when absent. */
  readonly expects?: Expectation
  /** Sends bodies of this many bytes by POST; GET without a body when absent. */
  readonly uploadBytes?: number
  /** Asks for several kinds of things by chance, always in the same order; `path` is then only where they begin. */
  readonly mix?: readonly Part[]
  readonly slowClients?: SlowClients
  /** `close`: a new connection for each request. @default 'keep-alive' */
  readonly connection?: Connection
}

/** What becomes of a connection after a response, as the header field of this name says it. */
export type Connection = 'keep-alive' | 'close'
