import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Verdict } from '../../reports/run.ts'
import { suites as catalogue } from '../../scripts/catalogue.ts'
import { toolchainPython } from '../../scripts/toolchain-python.ts'
import { judgeAll } from '../judging/judge.ts'
import { listedFaults } from './intermediary/faults.ts'
import { alone, inFrontOf, type Kind } from './intermediary/targets.ts'
import { turns } from './intermediary/turns.ts'
import { startedNursery, type Nursery } from './nursery.ts'
import { applies, brokenIn, names, told } from './outcomes.ts'

/**
 * The proof of what the catalogue says of intermediaries: a proxy and a cache that keep every rule keep every clause, alone
 * and in front of an application, and each clause fails at one that breaks its rule, where all others are kept.
 */

// Who is judged when is decided below.
vi.setConfig({ maxConcurrency: 1000, testTimeout: 3_600_000 })

// Judging waits more than it works. But all of it is done in this process, where one can hold up another: those that are
// not caught are judged once more when the others are through.
const first = turns(10)
const second = turns(2)
/** So many at once may take their time. */
const LIMIT = 60_000

const suites = await catalogue()
const clauses = suites.flatMap((suite) =>
  Object.entries(suite.clauses).map(([id, clause]) => ({
    id,
    full: `${suite.name}/${id}`,
    clause,
    alone: suite.alone ?? false,
  })),
)
const testable = clauses.flatMap(({ clause, ...rest }) => ('untestable' in clause ? [] : [{ ...rest, clause }]))
const byName = new Map(clauses.map((each) => [each.full, each]))
/** Full names. An id means one thing among the clauses of intermediaries alone, and one among those of chains. */
const ids = new Map(clauses.map(({ id, full, alone }) => [`${alone} ${id}`, full]))
const listed = (await listedFaults()).map((fault) => {
  const full = `${fault.suite}/${fault.clause}`
  return { ...fault, full, alone: byName.get(full)?.alone ?? false }
})
// Those in chains first: an application's server costs more than an origin in this process.
const faults = listed.toSorted((one, other) => Number(one.alone) - Number(other.alone))
type Fault = (typeof faults)[number]

const interrupted = new AbortController()
const strict = new Map<string, Promise<readonly Verdict[]>>()
let nursery: Nursery
let caught = 0

beforeAll(async () => {
  nursery = await startedNursery(await toolchainPython())
})

afterAll(async () => {
  interrupted.abort()
  await nursery[Symbol.asyncDispose]()
  console.log(`${caught} of ${faults.length} mutants caught`)
})

/** Whether an intermediary is judged alone, or in front of an application. */
type Where = 'alone' | 'in a chain'

const placeOf = (fault: Fault): Where => (fault.alone ? 'alone' : 'in a chain')

/** The whole catalogue, judged at an intermediary. */
async function judged(where: Where, kind: Kind): Promise<readonly Verdict[]> {
  if (where === 'alone') {
    await using started = await alone(kind)
    return await judgeAll(suites, started.target, interrupted.signal, { limit: LIMIT })
  }
  await using gateway = await nursery.gateway()
  await using started = await inFrontOf(gateway.target, kind)
  return await judgeAll(suites, started.target, interrupted.signal, { limit: LIMIT, at: ({ role }) => role !== 'app' })
}

/** The verdicts on the intermediary without a fault. */
function judgedStrict(where: Where, cache: boolean): Promise<readonly Verdict[]> {
  const key = `${where} ${cache}`
  const verdicts = strict.get(key) ?? first.take(() => judged(where, { cache }))
  strict.set(key, verdicts)
  return verdicts
}

describe.concurrent('the intermediary without a fault keeps every clause', () => {
  test.for([
    ['alone', 'proxy'],
    ['alone', 'cache'],
    ['in a chain', 'proxy'],
    ['in a chain', 'cache'],
  ] as const)('%s as a %s', async ([where, role]) => {
    const verdicts = await judgedStrict(where, role === 'cache')
    const broken = brokenIn(verdicts)
    expect(names(broken), told(broken)).toEqual([])
  })
})

describe.concurrent('each mutant breaks its clause and no other', () => {
  /** What a mutant should break: its clause, and those that cannot but fail with it. */
  function expected({ full, also, alone, observed }: Fault): readonly string[] {
    const others = also.map((id) => ids.get(`${alone} ${id}`) ?? `${id}, which is no clause`)
    return [...(observed ? [] : [full]), ...others].toSorted()
  }

  async function demandCaught(fault: Fault, verdicts: readonly Verdict[]): Promise<void> {
    const broken = brokenIn(verdicts).filter(({ outcome }) => !(fault.blocks && outcome === 'blocked'))
    expect(names(broken), told(broken)).toEqual(expected(fault))
    for (const { clause, because } of broken) expect(because ?? '', `${clause} says why`).not.toBe('')

    const own = verdicts.find(({ clause }) => clause === fault.full)!
    if (fault.observed) {
      const otherwise = (await judgedStrict(placeOf(fault), fault.cache)).find(({ clause }) => clause === fault.full)
      expect(own.because, 'it observes what it does without the fault').not.toBe(otherwise!.because)
    } else {
      expect(own.outcome, told([own])).toBe('fail')
    }
  }

  test.for(faults)('$key: it $says', async (fault) => {
    expect(byName.get(fault.full), `${fault.full} is a clause`).toBeDefined()
    const judgedNow = (): Promise<readonly Verdict[]> => judged(placeOf(fault), { fault, cache: fault.cache })
    await demandCaught(fault, await first.take(judgedNow)).catch(async () => {
      await first.idle()
      await demandCaught(fault, await second.take(judgedNow))
    })
    caught += 1
  })
})

const forIntermediaries = testable.filter(
  (each) => each.alone || !(applies(each.clause, 'app') || applies(each.clause, 'app', 'https')),
)
test.for(forIntermediaries)('$full has a mutant', ({ full }) => {
  expect(faults.map((fault) => fault.full)).toContain(full)
})
