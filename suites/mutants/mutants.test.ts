import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Verdict } from '../../reports/run.ts'
import { suites as catalogue } from '../../scripts/catalogue.ts'
import { toolchainPython } from '../../scripts/toolchain-python.ts'
import type { Role } from '../../topologies/servers/index.ts'
import type { TestableClause } from '../conformance/index.ts'
import { judgeAll } from '../judging/judge.ts'
import { listedFaults, startedNursery, type Nursery } from './nursery.ts'
import { applies, brokenIn, names, told } from './outcomes.ts'

/**
 * The proof of the catalogue: a gateway that keeps every rule keeps every clause, and each clause fails at a gateway
 * that breaks its rule, where all others are kept.
 */

// Judging waits more than it works: this many mutants at once keep two CPUs busy, but not so busy that timing suffers.
vi.setConfig({ maxConcurrency: 14, testTimeout: 300_000 })

const python = await toolchainPython()
const suites = (await catalogue()).filter((suite) => !suite.alone)
const clauses = suites.flatMap((suite) =>
  Object.entries(suite.clauses).map(([id, clause]) => ({ id, full: `${suite.name}/${id}`, clause })),
)
const testable = clauses.flatMap(({ clause, ...rest }) => ('untestable' in clause ? [] : [{ ...rest, clause }]))
const faults = (await listedFaults(python)).map((fault) => ({
  ...fault,
  key: fault.name === '' ? fault.clause : `${fault.clause}:${fault.name}`,
  full: `${fault.suite}/${fault.clause}`,
}))
type Fault = (typeof faults)[number]

const interrupted = new AbortController()
const strict = new Map<boolean, Promise<readonly Verdict[]>>()
let nursery: Nursery
let caught = 0

beforeAll(async () => {
  nursery = await startedNursery(python)
})

afterAll(async () => {
  interrupted.abort()
  await nursery[Symbol.asyncDispose]()
  console.log(`${caught} of ${faults.length} mutants caught`)
})

/** The whole catalogue, judged at a mutant, or at the gateway without a fault. */
async function judged(tls: boolean, fault?: string): Promise<readonly Verdict[]> {
  await using gateway = await nursery.gateway({ tls, ...(fault === undefined ? {} : { fault }) })
  return await judgeAll(suites, gateway.target, interrupted.signal)
}

/** The verdicts on the gateway without a fault. */
function judgedStrict(tls: boolean): Promise<readonly Verdict[]> {
  const verdicts = strict.get(tls) ?? judged(tls)
  strict.set(tls, verdicts)
  return verdicts
}

describe.concurrent('the gateway without a fault', () => {
  test.for(['http', 'https'] as const)('keeps every clause over %s', async (scheme) => {
    const verdicts = await judgedStrict(scheme === 'https')
    const broken = brokenIn(verdicts)
    expect(names(broken), told(broken)).toEqual([])
    const elsewhere = testable.filter(({ clause }) => !applies(clause, 'app', scheme)).map(({ full }) => full)
    const untestable = clauses.filter(({ clause }) => 'untestable' in clause).map(({ full }) => full)
    const inapplicable = verdicts.filter(({ outcome }) => outcome === 'inapplicable')
    expect(names(inapplicable), told(inapplicable)).toEqual([...elsewhere, ...untestable].toSorted())
  })
})

describe.concurrent('each mutant breaks its clause and no other', () => {
  const ids = new Map(clauses.map(({ id, full }) => [id, full]))

  /** What a mutant should break: its clause, and those that cannot but fail with it. */
  function expected({ full, also, observed }: Fault): readonly string[] {
    const others = also.map((id) => ids.get(id) ?? `${id}, which is no clause`)
    return [...(observed ? [] : [full]), ...others].toSorted()
  }

  // Those that break much take longest.
  const slowFirst = faults.toSorted((one, other) => other.also.length - one.also.length)
  test.for(slowFirst)('$key: it $says', async (fault) => {
    const verdicts = await judged(fault.tls, fault.key)
    const broken = brokenIn(verdicts)
    expect(names(broken), told(broken)).toEqual(expected(fault))
    for (const { clause, because } of broken) expect(because ?? '', `${clause} says why`).not.toBe('')

    const own = verdicts.find(({ clause }) => clause === fault.full)
    if (fault.observed) {
      const otherwise = (await judgedStrict(fault.tls)).find(({ clause }) => clause === fault.full)
      expect(own!.because, 'it observes what it does without the fault').not.toBe(otherwise!.because)
    } else {
      expect(own!.outcome, told([own!])).toBe('fail')
    }
    caught += 1
  })
})

const binds = (clause: TestableClause, role: Role): boolean =>
  applies(clause, role, 'http') || applies(clause, role, 'https')

test.for(testable.filter(({ clause }) => binds(clause, 'app')))('$full has a mutant', ({ full }) => {
  expect(faults.map((fault) => fault.full)).toContain(full)
})

// Their mutants are proxies: intermediary.test.ts.
test.for(testable.filter(({ clause }) => !binds(clause, 'app')))('$full binds intermediaries alone', ({ clause }) => {
  expect(binds(clause, 'proxy')).toBe(true)
})
