/** How much a run does. */
export interface Profile {
  /** One sentence for `--help`; minutes are for all four topologies with their rules, on a machine with two quiet CPUs. */
  readonly says: string
  /** Times each workload is measured on each topology, every time with fresh servers. */
  readonly repeats: number
  /** Length of each measured window. */
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly workloads: readonly string[]
}

/** What tells the topologies apart: whether the application, a cache or a web server answers. */
const ANSWERING = ['time', 'page', 'static']
/**
 * What sizes a deployment: how many requests a processor computes, how many can wait at once, and what a whole site comes to.
 * An application lies between the first two, and neither follows from `time`, in which the servers do nearly all the work.
 */
const SIZING = ['cpu', 'wait', 'mixed']
/** What matters to some: large or slow bodies, slow clients, the first visitors of a page. */
const PARTICULAR = ['stream', 'upload', 'slow-clients', 'cold']
const FRAMEWORKS = ['time-raw', 'time-webob', 'time-werkzeug']

/** By name, from the shortest to the one to decide with. */
export const PROFILES = {
  smoke: {
    says: 'shows that everything works; its single numbers compare nothing (3 minutes)',
    repeats: 1,
    seconds: 1,
    warmUpSeconds: 0.5,
    workloads: ANSWERING,
  },
  quick: {
    // Starts differ more than moments do: five short windows say more than three long ones that take as long.
    says: 'five short repeats: enough to see large differences (4 minutes; default)',
    repeats: 5,
    seconds: 1,
    warmUpSeconds: 0.4,
    workloads: ANSWERING,
  },
  standard: {
    says: 'eight repeats, with what sizes a deployment and what the frameworks cost: enough for intervals (17 minutes)',
    repeats: 8,
    seconds: 2,
    warmUpSeconds: 1,
    workloads: [...ANSWERING, ...SIZING, ...FRAMEWORKS],
  },
  thorough: {
    says: 'twelve repeats of longer windows of every workload: to decide with, on a quiet machine (an hour)',
    repeats: 12,
    seconds: 4,
    warmUpSeconds: 2,
    workloads: [...ANSWERING, ...SIZING, ...PARTICULAR, ...FRAMEWORKS],
  },
} as const satisfies Record<string, Profile>

export type ProfileName = keyof typeof PROFILES
