/** How much a run does. */
export interface Profile {
  /** One sentence for `--help`. */
  readonly says: string
  /** Times each workload is measured on each topology, every time with fresh servers. */
  readonly repeats: number
  /** Length of each measured window. */
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly workloads: readonly string[]
}

const TOPOLOGY_WORKLOADS = ['time', 'page', 'static']
const FRAMEWORK_WORKLOADS = ['time-raw', 'time-webob', 'time-werkzeug']

/** By name, from the shortest to the one to decide with. */
export const PROFILES = {
  smoke: {
    says: 'shows that everything works; its single numbers compare nothing',
    repeats: 1,
    seconds: 1,
    warmUpSeconds: 0.5,
    workloads: TOPOLOGY_WORKLOADS,
  },
  quick: {
    says: 'three repeats: enough to see large differences (default)',
    repeats: 3,
    seconds: 2,
    warmUpSeconds: 1,
    workloads: TOPOLOGY_WORKLOADS,
  },
  standard: {
    says: 'eight repeats, with what the frameworks cost: enough for intervals',
    repeats: 8,
    seconds: 3,
    warmUpSeconds: 1.5,
    workloads: [...TOPOLOGY_WORKLOADS, ...FRAMEWORK_WORKLOADS],
  },
  thorough: {
    says: 'twelve repeats of longer windows: to decide with, on a quiet machine',
    repeats: 12,
    seconds: 8,
    warmUpSeconds: 3,
    workloads: [...TOPOLOGY_WORKLOADS, ...FRAMEWORK_WORKLOADS],
  },
} as const satisfies Record<string, Profile>

export type ProfileName = keyof typeof PROFILES
