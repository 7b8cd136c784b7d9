import { expect, test } from 'vitest'
import type { Latency, ScheduleKept } from '../../reports/run.ts'
import type { Figures } from './figures.ts'
import { kendallTau } from './open-loop-checks.ts'
import { validity } from './validity.ts'

const LATENCY: Latency = { mean: 3, p50: 2, p90: 5, p99: 12, p999: 30, max: 40 }

const GOOD: Figures = {
  loop: { kind: 'closed', connections: 16 },
  requests: 20_000,
  errors: 0,
  errorKinds: {},
  timeouts: 0,
  connects: 16,
  throughput: 2000,
  latency: LATENCY,
  little: 0.998,
  generatorCpu: 0.4,
  generatorEventLoop: 0.3,
  generatorDelay: 0.01,
  servicesUtilization: 0.97,
  foreignCpu: 0.05,
  pressure: { cpu: 0.6, io: 0.01, memory: 0 },
  medians: [2, 2.1, 1.9, 2, 2.2, 2, 2, 1.8, 2, 2.1],
  cpus: 2,
}

const PUNCTUAL: ScheduleKept = { due: 20_000, lateP50: 0.02, lateP99: 0.4, lateMax: 3, queued: 0 }

const OPEN: Partial<Figures> = {
  loop: { kind: 'open', rate: 2000, connections: 64 },
  little: null,
  schedule: PUNCTUAL,
  // It looks at the clock until the next request is due.
  generatorCpu: 0.99,
  generatorEventLoop: 1,
}

const becauseOf = (figures: Partial<Figures>): readonly string[] => {
  const verdict = validity({ ...GOOD, ...figures })
  return verdict.valid ? [] : verdict.because
}

test('good figures are valid', () => {
  expect(validity(GOOD)).toEqual({ valid: true })
})

test.for<[string, Partial<Figures>]>([
  ['one error in a thousand', { requests: 9990, errors: 10, errorKinds: { truncated: 10 } }],
  ['at the edges of the band', { little: 0.95 }],
  ['at the edges of the band', { little: 1.05 }],
  ['at the edges of the wider band, where connections are closed', { little: 0.9, connects: 20_000 }],
  ['at the edges of the wider band, where the generator does not tell of connections', { little: 1.1, connects: NaN }],
  ['few requests: percentiles that they do not reach are left out', { requests: 30, connects: 16 }],
  ['what others used is unknown', { foreignCpu: null, generatorDelay: null, pressure: null }],
  ['as much of many CPUs is little', { foreignCpu: 0.4, cpus: 8 }],
  ['tasks that wait for a CPU under load', { pressure: { cpu: 1, io: 0, memory: 0 } }],
  [
    'generator and services both at their limits',
    { generatorCpu: 0.97, generatorEventLoop: 0.97, servicesUtilization: 0.95 },
  ],
  [
    'a light generator on a CPU of the services, for which it sometimes has to wait',
    { sharedCpus: 'The generator shared CPU 0 with the services.', generatorCpu: 0.04, generatorDelay: 0.1 },
  ],
  ['an open loop that kept its schedule, its generator spinning', OPEN],
  ['an open loop whose generator had to wait for a CPU without missing its schedule', { ...OPEN, generatorDelay: 0.2 }],
  [
    'late, but little of high latencies',
    { ...OPEN, latency: { ...LATENCY, p50: 30, p99: 200 }, schedule: { ...PUNCTUAL, lateP50: 1.4, lateP99: 19 } },
  ],
  ['latencies that rise and fall', { ...OPEN, medians: [2, 40, 3, 50, 4, 60, 5, 60, 6, 70] }],
  ['latencies that rise by little', { ...OPEN, medians: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11] }],
  ['a server that stood still at the end: what is missing comes after the window', { ...OPEN, throughput: 1800 }],
  ['closed loops slow down, they cannot be overloaded', { medians: [2, 20, 40, 60, 80, 100, 120, 140, 160, 180] }],
])('valid: %s', ([, figures]) => {
  const { connects, ...rest } = { ...GOOD, ...figures }
  expect(validity(Number.isNaN(connects) ? rest : { ...rest, connects: connects! })).toEqual({ valid: true })
})

test.for<[Partial<Figures>, string]>([
  [{ requests: 0, little: null, latency: null }, 'No request was answered rightly.'],
  [{ requests: 29, connects: 2 }, 'Only 29 requests were answered, too few for any figure (30): measure longer.'],
  [
    { requests: 9900, errors: 60, timeouts: 40, errorKinds: { 'status 503': 50, 'connection reset': 10 } },
    '1.0 % of the requests went wrong: 50 x status 503, 10 x connection reset, 40 x no answer in time.',
  ],
  [{ requests: 9980, timeouts: 20 }, '0.2 % of the requests went wrong: 20 x no answer in time.'],
  [
    { little: 172.5 },
    'Throughput x mean latency is 172.50 times the connections instead of 1 (Little’s law): a figure is wrong, or connections stood still.',
  ],
  [
    { little: 0.94 },
    'Throughput x mean latency is 0.94 times the connections instead of 1 (Little’s law): a figure is wrong, or connections stood still.',
  ],
  [
    { little: 0.89, connects: 20_000 },
    'Throughput x mean latency is 0.89 times the connections instead of 1 (Little’s law): a figure is wrong, or connections stood still.',
  ],
  [
    { little: 0.85, requests: 80, connects: 0 },
    'Throughput x mean latency is 0.85 times the connections instead of 1 (Little’s law), because each connection had only 5 requests: measure longer.',
  ],
  [
    { generatorCpu: 0.98, servicesUtilization: 0.61 },
    'The generator was the bottleneck (98 % of its CPU in use, the services at 61 % of theirs): the throughput is a lower bound only.',
  ],
  [
    { generatorEventLoop: 0.96, servicesUtilization: null },
    'The generator was the bottleneck (busy for 96 % of the time): the throughput is a lower bound only.',
  ],
  [
    { foreignCpu: 0.4 },
    'Others used 0.40 of the 2 CPUs meanwhile (processes, or neighbours of a virtual machine): measure again when it is quieter.',
  ],
  [
    { generatorDelay: 0.38 },
    'The generator was ready to run but had no CPU for 38 % of the time: measure again when it is quieter.',
  ],
  [
    { pressure: { cpu: 0, io: 0.3, memory: 0.06 }, generatorDelay: 0.4 },
    'The generator was ready to run but had no CPU for 40 % of the time; All tasks waited for a disk for 30 % of the time and for memory for 6.0 %: measure again when it is quieter.',
  ],
  [{ sharedCpus: 'The generator shared CPU 0 with the services.' }, 'The generator shared CPU 0 with the services.'],
  [
    { ...OPEN, schedule: { ...PUNCTUAL, lateP99: 2.1 } },
    'The generator sent requests late, half of them by 0.02 ms and more, one in a hundred by 2.1 ms, which is in the latencies (median 2.0 ms): lower the rate, or give it a CPU of its own.',
  ],
  [
    { ...OPEN, schedule: { ...PUNCTUAL, lateP50: 0.6 } },
    'The generator sent requests late, half of them by 0.60 ms and more, one in a hundred by 0.40 ms, which is in the latencies (median 2.0 ms): lower the rate, or give it a CPU of its own.',
  ],
  [
    // Behind since the warm-up: latencies do not double any more.
    { ...OPEN, throughput: 1900, medians: [300, 320, 340, 360, 380, 400, 420, 440, 460, 480] },
    'The servers fell behind at 2000 requests a second: latencies rose all the time, from 300 ms to 480 ms (medians), and would have gone on rising. Lower the rate.',
  ],
  [
    { ...OPEN, throughput: 1500, schedule: { ...PUNCTUAL, lateP50: 0.15 }, servicesUtilization: 0.7 },
    'The generator could not keep up (1500 a second instead of 2000, the services at 70 % of their CPUs): lower the rate.',
  ],
  [
    { ...OPEN, medians: [2, 20, 40, 60, 55, 100, 120, 140, 160, 180] },
    'The servers fell behind at 2000 requests a second: latencies rose all the time, from 2.0 ms to 180 ms (medians), and would have gone on rising. Lower the rate.',
  ],
])('%o: %s', ([figures, sentence]) => {
  expect(becauseOf(figures)).toEqual([sentence])
})

test('every reason is given', () => {
  const bad = { requests: 10, errors: 10, little: 4, generatorCpu: 1, servicesUtilization: null, foreignCpu: 1 }
  expect(validity({ ...GOOD, ...bad })).toMatchObject({
    reasons: ['errors', 'too-few', 'inconsistent', 'generator-bound', 'disturbed'],
  })
})

test('Kendall’s tau: 1 for a rise, -1 for a fall, and between them by how many pairs are in order', () => {
  expect(kendallTau([1, 2, 3, 4])).toBe(1)
  expect(kendallTau([4, 3, 2, 1])).toBe(-1)
  // Of the 45 pairs 25 are in order.
  expect(kendallTau([4, 7, 2, 10, 3, 6, 8, 1, 5, 9])).toBeCloseTo(5 / 45)
})
