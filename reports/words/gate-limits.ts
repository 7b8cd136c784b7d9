import type { Gate } from '../run.ts'

/** What the numbers and the verdict of a gate do not mean. */
export function gateLimits({ duet, conformance }: Gate): readonly string[] {
  return [
    ...(duet === undefined
      ? []
      : [
          'Absolute figures are no capacity: each side had the other beside it on the same CPUs. Only the change from base to head is meant.',
          duet.saturated === 'together'
            ? 'Both sides were saturated together, and what one leaves of the CPUs the other takes. A head that waits more (for a lock, a disk, a sleep) rather than computes more loses more throughput alone than it does here.'
            : 'The sides were saturated one after the other, because they do not have equally many processes: what changed on the machine between them is in the throughput.',
          `One path was asked for, ${duet.path}. A request that it does not resemble may have changed by any amount.`,
          'Everything ran over loopback: no network, no TLS, no slow clients.',
          'Memory is compared after equally many requests, few of them: a leak that takes longer is not in it.',
          'A pass is about changes larger than the tolerance. Many small ones that each pass add up; a history (--history) shows them.',
          'Each interval holds the true change in 99 of 100 gates on a machine like this one. Another machine may weigh the same code differently.',
        ]),
    ...(conformance === undefined
      ? []
      : [
          'A clause that is kept was kept in this experiment; it proves nothing about requests that were not sent.',
          'Lines that differ from the baseline’s are where to look first, no proof: what else differs is in the notes.',
        ]),
  ]
}
