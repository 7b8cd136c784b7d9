/** How a load is paced: by responses (`closed`) or by the clock (`open`, rate per second). */
export type Loop =
  | { readonly kind: 'closed'; readonly connections: number }
  | { readonly kind: 'open'; readonly rate: number; readonly connections: number }

/** A named, repeatable load. */
export interface Workload {
  /** The file's name. */
  readonly name: string
  readonly title: string
  /** One sentence: what it asks for and what that shows. */
  readonly says: string
  /** Which of a reader's questions it answers. `framework` compares libraries, not topologies. */
  readonly content: 'dynamic' | 'cacheable' | 'static' | 'framework'
  /** The application it needs, a module of `apps/`. */
  readonly application: string
  readonly path: string
  readonly loop: Loop
  /** What a right answer looks like; anything else is an error, so that nothing broken is measured. */
  readonly expects: { readonly status: number; readonly bytes?: number }
}
