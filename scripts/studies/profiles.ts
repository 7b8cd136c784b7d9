import type { Sizes } from './interpreter.ts'

/** How much a study does. */
export interface StudyProfile {
  /** One sentence for `--help`. */
  readonly says: string
  /** Times each configuration is measured, every time with fresh servers. */
  readonly repeats: number
  /** Length of each measured window. */
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly sizes: Sizes
}

/** By name, from the shortest to the one to decide with. */
export const STUDY_PROFILES = {
  smoke: {
    says: 'one repeat of few sizes: shows that everything works',
    repeats: 1,
    seconds: 0.5,
    warmUpSeconds: 0.2,
    sizes: { memory: [1, 2], scaling: [1, 2] },
  },
  quick: {
    says: 'three repeats: enough to see what decides (default)',
    repeats: 3,
    seconds: 0.6,
    warmUpSeconds: 0.3,
    sizes: { memory: [1, 4, 8], scaling: [1, 2, 4, 8] },
  },
  standard: {
    says: 'eight repeats of longer windows: enough for intervals',
    repeats: 8,
    seconds: 2,
    warmUpSeconds: 0.5,
    sizes: { memory: [1, 2, 4, 8], scaling: [1, 2, 4, 8] },
  },
} as const satisfies Record<string, StudyProfile>

export type StudyProfileName = keyof typeof STUDY_PROFILES
