import { expect, test } from 'vitest'
import { capacities } from '../../reports/capacity.ts'
import { searched } from '../../reports/fixture/searched.ts'
import type { CapacityStep } from '../../reports/run.ts'
import { seeded } from '../../reports/statistics.ts'
import { OK, serve, type Asked } from '../../suites/generating/scripted-server.ts'
import { startProducer } from '../../suites/measuring/generator-process.ts'
import { lookAt, tryRate } from '../../suites/measuring/rate.ts'
import type { Deployment } from '../../topologies/runtimes/index.ts'
import { search } from './search.ts'

const slo = { limits: [{ percentile: 'p99' as const, milliseconds: 100 }], errors: 0.001 }

/** Answers so many requests at a time, each after so many milliseconds, in the order in which they come: M/D/c but for its arrivals. */
function busy(stations: number, milliseconds: number): (asked: Asked) => void {
  const free = Array.from({ length: stations }, () => 0)
  return ({ socket }) => {
    const now = performance.now()
    const [next] = [...free.entries()].toSorted(([, a], [, b]) => a - b)
    const done = Math.max(now, next![1]) + milliseconds
    free[next![0]] = done
    setTimeout(() => socket.write(OK), done - now)
  }
}

/** What a search finds that is made for real, with the lab's own generator. */
async function found(answer: (asked: Asked) => void, look?: number) {
  const { url } = await serve(answer)
  const deployment = { services: [], target: { hops: [{ url: new URL(url) }] } } as unknown as Deployment
  await using producer = await startProducer([])
  const how = {
    ...{ producer, placement: { services: [], generator: [] }, signal: new AbortController().signal },
    ...{ requests: [{ share: 1, path: '/', expects: { status: 200, bytes: 5 } }], connections: 64, timeoutSeconds: 1 },
  }
  const going = search(
    { slo, limits: [] },
    look ? { throughput: look, mean: 5 } : await lookAt(deployment, 16, how),
    seeded(5),
  )
  for (let next = going.next(); next !== undefined; next = going.next()) {
    const step: Omit<CapacityStep, 'kept'> = await tryRate(deployment, { ...next, warmUpSeconds: 0.1, seed: 7 }, how)
    // Tests of others may go on beside this one.
    going.note({ ...step, disturbed: false })
  }
  const run = searched({ topologies: { 'app-server': { perSecond: 1 } } })
  const searches = [{ repeat: 1, steps: [...going.steps] }]
  return capacities({ ...run, capacity: { slo, limits: [] }, results: [{ ...run.results[0]!, searches }] })[0]!.max
}

// A machine on which others are at work may not be able to answer at all for a while.
test('four stations that take 4 ms each bear 1,000 requests a second', { retry: 1, timeout: 40_000 }, async () => {
  const max = await found(busy(4, 4))
  expect(max.kind === 'found' && Math.abs(max.rate.middle / 1000 - 1)).toBeLessThan(0.1)
})

test('a server that fails from 700 requests a second on bears those', { retry: 1, timeout: 40_000 }, async () => {
  const times: number[] = []
  const max = await found(({ socket, total }) => {
    times.push(performance.now())
    const perSecond = (100 / (times.at(-1)! - times.at(-100 - 1)!)) * 1e3
    const fails = perSecond > 700 && total % 20 === 0
    socket.write(fails ? OK.replace('200 OK', '503 Service Unavailable') : OK)
  }, 1500)
  expect(max.kind === 'found' && Math.abs(max.rate.middle / 700 - 1)).toBeLessThan(0.1)
})
