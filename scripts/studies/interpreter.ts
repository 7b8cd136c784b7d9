import type { StudyRow } from '../../reports/run.ts'
import type { Workload } from '../../suites/load/index.ts'
import type { Topology } from '../../topologies/index.ts'
import { workloads } from '../catalogue.ts'
import { choose } from '../choices.ts'
import { chosenTopologies } from '../options.ts'

/** What a configuration is studied for. */
export type Part = StudyRow['part']

/** Servers and their size, with what is measured on them. */
export interface Configuration {
  readonly part: Part
  readonly topology: Topology
  readonly application: string
  readonly workers: number
  readonly threads: number
  readonly preloaded: boolean
  readonly workloads: readonly Workload[]
  /** Whether it says nothing on a single CPU, on which threads and processes are equally fast. */
  readonly needsTwoCpus: boolean
  /** Length of a window in which each workload is asked for often enough, in seconds, whatever the profile says. */
  readonly leastSeconds: number
}

/** How much of what is studied. */
export interface Sizes {
  /** Numbers of workers whose memory is read. */
  readonly memory: readonly number[]
  /** Numbers of threads, and of processes, whose throughput is measured. */
  readonly scaling: readonly number[]
}

/** The lab's ordinary size, where size is not what is studied. */
export const ORDINARY = { workers: 2, threads: 4 } as const
/** Enough that each of eight threads, or processes, has a request to work on and another one waits for it. */
const CONNECTIONS = 16
/** Seconds in which one thread that sleeps 20 ms per request answers fifty: fewer say little. */
const FIFTY_WAITS = 1.2

/**
 * What decides between the architectures, as far as it is the interpreter's doing: what interpreters weigh (`memory`), what
 * one can do at a time (`scaling`), what it costs beside the proxy (`cost`), and how kinds of workers bear clients that are
 * slow or connect anew for each request (`clients`).
 */
export async function interpreterStudy(sizes: Sizes): Promise<readonly Configuration[]> {
  const all = await workloads()
  const workload = (name: string): Workload => choose('workload', all, [name])[0]!
  const alone = (variant: string) => filled('app-server', variant)
  const behindProxy = (variant: string) => filled('reverse-proxy', variant)
  const [sync, gthread, gevent] = [await alone('sync'), await alone('gthread'), await alone('gevent')]
  const [proxySync, proxyGthread] = [await behindProxy('sync'), await behindProxy('gthread')]
  const ordinary = { ...ORDINARY, application: 'pages', preloaded: false, needsTwoCpus: false, leastSeconds: 0 }

  const memory = [workload('time'), workload('time-werkzeug')].flatMap((asked) =>
    [false, true].flatMap((preloaded) =>
      sizes.memory.map((workers): Configuration => {
        const { application } = asked
        const own = { application, workers, threads: 1, preloaded, workloads: [asked] }
        return { ...ordinary, ...own, part: 'memory', topology: sync }
      }),
    ),
  )
  // Processes are of the kind sync: each takes a connection only when it has nothing else to do. Of the kind gthread, one
  // may hold all the connections that are kept open while others have none.
  const kinds = [
    ...sizes.scaling.map((threads) => ({ topology: gthread, workers: 1, threads })),
    ...sizes.scaling.map((workers) => ({ topology: sync, workers, threads: 1 })),
  ]
  const scaling = kinds.map((kind): Configuration => {
    const asked = [workload('cpu'), workload('wait')].map((each) => withConnections(each, CONNECTIONS))
    const leastSeconds = FIFTY_WAITS / (kind.workers * kind.threads)
    return { ...ordinary, ...kind, part: 'scaling', workloads: asked, needsTwoCpus: true, leastSeconds }
  })
  const cost: Configuration = {
    part: 'cost',
    topology: proxyGthread,
    ...ordinary,
    workloads: [workload('time'), workload('static')],
  }
  const clients = [sync, gthread, gevent, proxySync, proxyGthread].map((topology): Configuration => {
    const asked = [workload('time'), closing(workload('time')), workload('slow-clients')]
    // A worker of the kind sync has one thread whatever it is told.
    const threads = topology.tiers.at(-1)!.variant === 'sync' ? 1 : ORDINARY.threads
    return { part: 'clients', topology, ...ordinary, threads, workloads: asked }
  })
  return [...memory, ...scaling, cost, ...clients]
}

/** A topology with Gunicorn in a variant. */
async function filled(name: string, variant: string): Promise<Topology> {
  return (await chosenTopologies([name], [`app=gunicorn/${variant}`]))[0]!
}

const withConnections = (workload: Workload, connections: number): Workload => ({
  ...workload,
  loop: { ...workload.loop, connections },
})

/** The same workload from clients that connect anew for each request. */
const closing = (workload: Workload): Workload => ({
  ...workload,
  name: `${workload.name}-close`,
  title: `${workload.title}, a connection each`,
  says: `${workload.says} Each request comes on a new connection.`,
  connection: 'close',
})
