import { claims } from './claims.ts'
import { networkInShort } from './network.ts'
import { list, percent, plural } from './quantities.ts'
import type { Run } from '../run.ts'

/** What a reader of the answer must know before anything else, in one sentence. */
export function premise(run: Run): string {
  const { placement } = run
  const cpus = placement.services.length === 1 ? 'one CPU' : `${placement.services.length} CPUs`
  const where = placement.tiers === undefined ? `sharing ${cpus}` : 'on CPUs of their own'
  const left = hasSlowClients(run) ? 'distance and TLS' : 'distance, TLS and slow clients'
  return `Over ${networkInShort(run)}, all tiers of a topology ${where}: ${left}, the other reasons for a tier in front, are not in these numbers.`
}

const hasSlowClients = ({ workloads }: Run): boolean => workloads.some(({ content }) => content === 'slow-clients')

/** "What these numbers do not mean": what a reader of this very run must not conclude from it. */
export function caveats(run: Run): readonly string[] {
  const { placement, host } = run
  const measured = run.results.flatMap(({ measurements }) => measurements)
  const foreign = Math.max(0, ...measured.map(({ foreignCpu }) => foreignCpu ?? 0))
  const shared = placement.services.some((cpu) => placement.generator.includes(cpu))
  const charged = measured.some(({ usage }) => usage.some(({ cgroupBytes }) => cgroupBytes !== undefined))
  const closed = measured.some(({ loop }) => loop.kind === 'closed')
  const cpus = `${plural(placement.services.length, 'CPU')} (${list(placement.services.map(String))})`
  const open = measured.some(({ loop }) => loop.kind === 'open')
  const workers = `${plural(run.workersPerServer, 'worker')} of ${plural(run.threadsPerWorker, 'thread')} each`
  return [
    placement.tiers === undefined
      ? `They are not what your machine will do. All services of a topology shared ${cpus} of a ${host.cpus}-CPU machine, with ${workers}. With more CPUs the order may change: a tier that has its own CPU costs the others nothing.`
      : `They are not what your machine will do. Each tier had CPUs of its own, ${cpus} together on a ${host.cpus}-CPU machine, with ${workers}. Where tiers must share CPUs, each costs the others time.`,
    hasSlowClients(run)
      ? `They hold no network. Everything ran over ${networkInShort(run)}: no TLS, no packet loss. Slow clients are only in the workload that is named after them.`
      : `They hold no network. Everything ran over ${networkInShort(run)}: no TLS, no packet loss, no slow clients. A proxy that shields an application from slow clients gets no credit for it here.`,
    ...(closed
      ? [
          `Latency ${open ? 'of workloads without a rate ' : ''}was measured in a closed loop: each connection waits for its answer before it asks again. It says how long requests took at saturation with this many connections, not how long users wait at a given request rate.`,
        ]
      : []),
    ...(open
      ? [
          'Latency at a rate counts from when a request was due, so that it holds the wait for a server that fell behind. Throughput at a rate is the rate, wherever it was kept.',
        ]
      : []),
    'The applications do next to nothing. A real application spends far more time in Python and its database; then the servers differ less than here.',
    'CPU per request depends on the load. It is compared at the load each topology reached, not at an equal rate.',
    'Memory is the proportional set size after the measurement, so that pages shared by processes are counted once. Buffers count as far as they were filled by then (Varnish’s log in shared memory alone grows to 80 MiB).',
    ...(charged
      ? [
          'Where that cannot be read, what the kernel charges the tier’s cgroup with is shown. It counts page cache and shared memory in full, so it is ranked and compared with nothing.',
        ]
      : []),
    `A clause that passes was kept in this experiment; it proves nothing about requests that were not sent.`,
    ...(shared ? ['Services and generator shared a CPU: the generator took time from what it measured.'] : []),
    ...(host.virtualization === null
      ? []
      : [
          `The machine is virtual (${host.virtualization}): its speed may change while measuring, unseen by the guest.`,
        ]),
    ...(foreign >= 0.1 ? [`Other work used up to ${percent(foreign)} of a CPU while measuring.`] : []),
    ...claims(run),
  ]
}
