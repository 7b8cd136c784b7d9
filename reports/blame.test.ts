import { describe, expect, test } from 'vitest'
import { blame, blames, summary } from './blame.ts'
import type { Outcome, Result, Verdict } from './run.ts'

const chain = [
  { role: 'cache', server: 'varnish', title: 'Varnish' },
  { role: 'proxy', server: 'nginx', title: 'nginx' },
  { role: 'app', server: 'gunicorn', title: 'Gunicorn' },
] as const

function verdict(clause: string, role: Verdict['role'], server: string, outcome: Outcome, because?: string): Verdict {
  const rest = because === undefined ? {} : { because }
  return { clause, level: 'MUST', cites: 'x', says: 'y', role, server, outcome, ...rest }
}

/** Verdicts at Gunicorn, nginx and Varnish, in this order. */
function through(outcomes: readonly [Outcome, Outcome, Outcome], clause = 'x/y'): readonly Verdict[] {
  return chain.toReversed().map(({ role, server }, index) => verdict(clause, role, server, outcomes[index]!))
}

function result(verdicts: readonly Verdict[], from = 0): Pick<Result, 'tiers' | 'verdicts'> {
  const tiers = chain.slice(from).map((each) => ({ ...each, variant: 'v', version: '1', argv: [], configuration: {} }))
  return { tiers, verdicts: [...verdicts] }
}

describe('who is to blame, reading from the application outwards', () => {
  test.each([
    [['pass', 'pass', 'pass'], { kind: 'kept' }],
    [['fail', 'fail', 'fail'], { kind: 'broken', server: 'gunicorn' }],
    [['fail', 'pass', 'pass'], { kind: 'healed', server: 'nginx' }],
    [['fail', 'fail', 'pass'], { kind: 'healed', server: 'varnish' }],
    [['pass', 'fail', 'fail'], { kind: 'introduced', server: 'nginx' }],
    [['pass', 'pass', 'fail'], { kind: 'introduced', server: 'varnish' }],
    // The last change is what the client sees.
    [['fail', 'pass', 'fail'], { kind: 'introduced', server: 'varnish' }],
    [['pass', 'fail', 'pass'], { kind: 'healed', server: 'varnish' }],
  ] as const)('%j is %j', (outcomes, expected) => {
    expect(blame(through(outcomes))).toEqual(expected)
  })
})

describe('hops that were not decided', () => {
  test.each([
    // A rule for the application's server alone.
    [['fail', 'inapplicable', 'inapplicable'], { kind: 'broken', server: 'gunicorn' }],
    [['pass', 'inapplicable', 'inapplicable'], { kind: 'kept' }],
    // A rule for intermediaries alone: the first that breaks it is to blame, the application's server cannot be.
    [['inapplicable', 'fail', 'fail'], { kind: 'introduced', server: 'nginx' }],
    [['inapplicable', 'fail', 'pass'], { kind: 'healed', server: 'varnish' }],
    [['pass', 'observed', 'fail'], { kind: 'introduced', server: 'varnish' }],
    [['pass', 'observed', 'observed'], { kind: 'kept' }],
    [['inapplicable', 'inapplicable', 'inapplicable'], { kind: 'inapplicable' }],
    // Where an experiment broke, only what is further out is sure.
    [['error', 'fail', 'pass'], { kind: 'healed', server: 'varnish' }],
    [['blocked', 'pass', 'fail'], { kind: 'introduced', server: 'varnish' }],
  ] as const)('%j is %j', (outcomes, expected) => {
    expect(blame(through(outcomes))).toEqual(expected)
  })

  test.each([
    ['error', 'fail', 'fail'],
    ['blocked', 'pass', 'pass'],
    ['fail', 'error', 'pass'],
    ['pass', 'fail', 'error'],
    ['error', 'error', 'error'],
    ['error', 'inapplicable', 'inapplicable'],
  ] as const)('nobody is named for %s, %s, %s', (...outcomes) => {
    expect(blame(through(outcomes)).kind).toBe('unknown')
  })

  test('why nobody is named is told', () => {
    const verdicts = [verdict('x/y', 'app', 'gunicorn', 'error', 'it broke'), verdict('x/y', 'proxy', 'nginx', 'pass')]
    expect(blame(verdicts)).toEqual({ kind: 'unknown', because: 'gunicorn: it broke' })
  })
})

test('a clause without a right answer names the servers that show something else', () => {
  const seen = (because: readonly [string, string, string]): readonly Verdict[] =>
    chain.toReversed().map(({ role, server }, index) => verdict('x/y', role, server, 'observed', because[index]!))
  expect(blame(seen(['a', 'a', 'a']))).toEqual({ kind: 'observed', changes: [] })
  expect(blame(seen(['a', 'b', 'b']))).toEqual({ kind: 'observed', changes: ['nginx'] })
  expect(blame(seen(['a', 'b', 'c']))).toEqual({ kind: 'observed', changes: ['nginx', 'varnish'] })
})

test("a result's verdicts are grouped by clause and put in order, however they come", () => {
  const verdicts = [...through(['fail', 'pass', 'pass'], 'x/one'), ...through(['pass', 'pass', 'pass'], 'x/two')]
  const grouped = blames(result(verdicts.toReversed()))
  expect(grouped.map(({ clause, blame: each }) => [clause, each.kind])).toEqual([
    ['x/two', 'kept'],
    ['x/one', 'healed'],
  ])
  expect(grouped[1]!.verdicts.map(({ server }) => server)).toEqual(['gunicorn', 'nginx', 'varnish'])
})

describe('the sentence', () => {
  const many = (count: number, outcomes: readonly [Outcome, Outcome, Outcome], name: string): readonly Verdict[] =>
    Array.from({ length: count }, (_, index) => through(outcomes, `${name}/${index}`)).flat()

  test('says who heals and who introduces what', () => {
    const verdicts = [
      ...many(7, ['fail', 'pass', 'pass'], 'healed'),
      ...many(2, ['fail', 'fail', 'fail'], 'broken'),
      ...many(2, ['pass', 'pass', 'fail'], 'introduced'),
      ...many(5, ['pass', 'pass', 'pass'], 'kept'),
    ]
    expect(summary(result(verdicts))).toBe(
      "nginx heals 7 of Gunicorn's 9 deviations (7 of 9 MUST); Varnish introduces 2 (2 MUST)",
    )
  })

  test('counts what must be apart from what should be, and from what no keyword says', () => {
    const leveled = (level: Verdict['level'], verdicts: readonly Verdict[]): readonly Verdict[] =>
      verdicts.map((each) => ({ ...each, level }))
    const verdicts = [
      ...leveled('MUST NOT', many(3, ['fail', 'pass', 'pass'], 'a')),
      ...leveled('SHOULD', many(2, ['fail', 'pass', 'pass'], 'b')),
      ...leveled('SHOULD', many(1, ['fail', 'fail', 'fail'], 'c')),
      ...leveled('PROSE', many(1, ['fail', 'fail', 'fail'], 'd')),
      ...leveled('SHOULD NOT', many(1, ['pass', 'pass', 'fail'], 'e')),
    ]
    expect(summary(result(verdicts))).toBe(
      "nginx heals 5 of Gunicorn's 7 deviations (3 of 3 MUST, 2 of 3 SHOULD, 0 of 1 prose); Varnish introduces 1 (1 SHOULD)",
    )
  })

  test('counts what each of two servers heals', () => {
    const verdicts = [...many(3, ['fail', 'pass', 'pass'], 'a'), ...many(1, ['fail', 'fail', 'pass'], 'b')]
    expect(summary(result(verdicts))).toBe("nginx heals 3 of Gunicorn's 4 deviations (3 of 4 MUST), Varnish 1 (1 MUST)")
  })

  test('says when nothing is healed, and when there is nothing to heal', () => {
    expect(summary(result(many(1, ['fail', 'fail', 'fail'], 'a')))).toBe(
      "nothing heals Gunicorn's 1 deviation (1 MUST)",
    )
    expect(summary(result(many(1, ['pass', 'fail', 'fail'], 'a')))).toBe(
      'Gunicorn has no deviation; nginx introduces 1 (1 MUST)',
    )
  })

  test('speaks of one server alone when there is no other', () => {
    const alone = [verdict('x/a', 'app', 'gunicorn', 'fail'), verdict('x/b', 'app', 'gunicorn', 'pass')]
    expect(summary(result(alone, 2))).toBe('Gunicorn breaks 1 of 2 rules (1 MUST)')
    expect(summary(result(alone.slice(1), 2))).toBe('Gunicorn breaks none of 1 rules')
  })

  test('is missing where nothing was decided', () => {
    expect(summary(result([]))).toBeUndefined()
    expect(summary(result(many(2, ['error', 'error', 'error'], 'a')))).toBeUndefined()
  })
})

test('a run that was cut short blames nobody for what it did not come to', () => {
  const [atGunicorn, atNginx] = through(['fail', 'fail', 'pass'])
  const half = result([atGunicorn!, atNginx!])
  expect(blames(half)[0]!.blame).toEqual({ kind: 'unknown', because: 'not judged at varnish' })
  expect(summary(half)).toBeUndefined()
})
