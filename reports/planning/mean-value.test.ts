import { expect, test } from 'vitest'
import { asymptotes, meanValues } from './mean-value.ts'

const single = (demand: number) => ({ servers: 1, demand })

test('the three-device example of Lazowska et al. (1984), chapter 6, page 117: 121 x 5 ms CPU, 70 x 30 and 50 x 27 ms disks, 15 s of thinking', () => {
  const stations = [single(0.605), single(2.1), single(1.35)]
  const three = meanValues({ stations, delay: 15 }, 3)
  // The parameters are the book's (as the regression tests of the LQN solver's libmva have them, test0.cc); the figures were worked
  // out by hand, step by step.
  expect(three[0]!.throughput).toBeCloseTo(1 / (15 + 0.605 + 2.1 + 1.35), 12)
  const queues = stations.map(({ demand }) => demand / 19.055)
  const residence = stations.reduce((sum, { demand }, at) => sum + demand * (1 + queues[at]!), 0)
  expect(three[1]!.residence).toBeCloseTo(residence, 12)
  expect(three[2]!.throughput).toBeCloseTo(0.1515, 4)
})

test('the database server of Menascé, Almeida and Dowdy (2004), "Performance by Design", 12.2: where two customers are', () => {
  // CPU 10 s, a fast disk of 15 s and a slow one of 30 s that each customer visits half of the time.
  const [, two] = meanValues({ stations: [single(10), single(7.5), single(15)], delay: 0 }, 2)
  const printed = [0.5913, 0.4174, 0.9913]
  for (const [at, queue] of two!.queues.entries()) expect(queue).toBeCloseTo(printed[at]!, 4)
})

/** Machines that break and repairmen, from the balance equations (Gross and Harris, "Fundamentals of Queueing Theory", finite source). */
function broken(machines: number, repairmen: number, breaking: number, repairing: number) {
  // Logarithms, because the weights of hundreds of machines are larger than any number.
  const weights = [0]
  for (let out = 1; out <= machines; out++)
    weights.push(
      weights[out - 1]! + Math.log(((machines - out + 1) * breaking) / (Math.min(out, repairmen) * repairing)),
    )
  const most = Math.max(...weights)
  const shares = weights.map((weight) => Math.exp(weight - most))
  const sum = shares.reduce((total, share) => total + share, 0)
  return shares.reduce((mean, share, out) => mean + (out * share) / sum, 0)
}

test('five machines that run for 30 hours and two repairmen who take 3: 0.465 are broken (Gross and Harris, by the balance equations)', () => {
  const all = meanValues({ stations: [{ servers: 2, demand: 3 }], delay: 30 }, 5)
  expect(all[4]!.queues[0]).toBeCloseTo(0.465, 3)
  expect(broken(5, 2, 1 / 30, 1 / 3)).toBeCloseTo(0.465, 3)
})

test.each([
  [200, 16],
  [300, 4],
  [64, 32],
  [128, 1],
])('%i requests before %i servers come out as the balance equations say, saturated as well', (requests, servers) => {
  for (const delay of [0.5, 20, 200]) {
    const last = meanValues({ stations: [{ servers, demand: 1 }], delay }, requests).at(-1)!
    const expected = broken(requests, servers, 1 / delay, 1)
    expect(last.queues[0]! / expected).toBeCloseTo(1, 6)
    expect(last.throughput).toBeLessThanOrEqual(servers * (1 + 1e-9))
  }
})

test('throughput keeps below its asymptotes, and comes to them at both ends', () => {
  const network = { stations: [single(2), { servers: 2, demand: 3 }], delay: 10 }
  const { alone, most } = asymptotes(network)
  expect([alone, most]).toEqual([15, 0.5])
  const all = meanValues(network, 100)
  for (const [at, { throughput }] of all.entries())
    expect(throughput).toBeLessThanOrEqual(Math.min((at + 1) / alone, most) * (1 + 1e-12))
  expect(all[0]!.throughput).toBeCloseTo(1 / 15, 12)
  expect(all[99]!.throughput).toBeCloseTo(0.5, 3)
})
