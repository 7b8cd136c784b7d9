import { expect, test } from 'vitest'
import { validity, type Figures } from './validity.ts'

const GOOD: Figures = {
  loop: { kind: 'closed', connections: 16 },
  requests: 20_000,
  errors: 0,
  errorKinds: {},
  timeouts: 0,
  little: 0.998,
  generatorCpu: 0.4,
  generatorEventLoop: 0.3,
  servicesUtilization: 0.97,
  foreignCpu: 0.05,
  cpus: 2,
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
  ['at the edges of the band', { little: 0.85 }],
  ['at the edges of the band', { little: 1.15 }],
  [
    'an open loop, whose connections are not always in use',
    { loop: { kind: 'open', rate: 100, connections: 16 }, little: 0.1 },
  ],
  ['what others used is unknown', { foreignCpu: null }],
  ['as much of many CPUs is little', { foreignCpu: 0.4, cpus: 8 }],
  [
    'generator and services both at their limits',
    { generatorCpu: 0.97, generatorEventLoop: 0.97, servicesUtilization: 0.95 },
  ],
])('valid: %s', ([, figures]) => {
  expect(becauseOf(figures)).toEqual([])
})

test.for<[Partial<Figures>, string]>([
  [{ requests: 0, little: null }, 'No request was answered rightly.'],
  [{ requests: 999 }, 'Only 999 requests were answered, too few for a 99th percentile (1000): measure longer.'],
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
    { little: 0.84 },
    'Throughput x mean latency is 0.84 times the connections instead of 1 (Little’s law): a figure is wrong, or connections stood still.',
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
  [{ sharedCpus: 'The generator shared CPU 0 with the services.' }, 'The generator shared CPU 0 with the services.'],
])('%o: %s', ([figures, sentence]) => {
  expect(becauseOf(figures)).toEqual([sentence])
})

test('every reason is given', () => {
  expect(
    becauseOf({ requests: 10, errors: 10, little: 2, generatorCpu: 1, servicesUtilization: null, foreignCpu: 1 }),
  ).toHaveLength(5)
})
