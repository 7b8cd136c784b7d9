import { describe, expect, test } from 'vitest'
import { compareWithBaseline, suspicions } from './baseline.ts'
import { fixture } from './fixture/whole.ts'
import { Run, type GateChange, type Outcome, type Result, type Verdict } from './run.ts'

type Tier = Result['tiers'][number]

const tier = (role: Tier['role'], server: string, title: string): Tier => ({
  ...{ role, server, title, variant: 'v', version: '1.0', argv: [`/usr/sbin/${server}`] },
  configuration: { [`${server}.conf`]: `listen 127.0.0.12:40123;\n` },
})

const chain = [
  tier('cache', 'varnish', 'Varnish'),
  tier('proxy', 'nginx', 'nginx'),
  tier('app', 'gunicorn', 'Gunicorn'),
]

/** Outcomes at Gunicorn, nginx and Varnish, in this order; one that is missing was not judged. */
type Outcomes = readonly (Outcome | undefined)[]

const verdicts = (clauses: Readonly<Record<string, Outcomes>>): readonly Verdict[] =>
  chain.toReversed().flatMap(({ role, server }, index) =>
    Object.entries(clauses).flatMap(([clause, outcomes]) => {
      const outcome = outcomes[index]
      return outcome === undefined
        ? []
        : [
            {
              ...{ clause, level: 'MUST' as const, cites: 'RFC', says: 'It MUST.', role, server, outcome },
              ...(outcome === 'pass' ? {} : { because: `${outcome} at ${server}` }),
            },
          ]
    }),
  )

/** A run of one three-tier chain with these outcomes. */
function judged(
  clauses: Readonly<Record<string, Outcomes>>,
  tiers: readonly Tier[] = chain,
  more: Partial<Run> = {},
): Run {
  const result: Result = {
    ...{
      topology: 'three-tier',
      title: 'Three tiers',
      says: 'x',
      runtime: 'native',
      origin: 'Debian 12',
      network: 'host',
    },
    ...{ tiers: [...tiers], bringUpSeconds: [1], verdicts: [...verdicts(clauses)], measurements: [], problems: [] },
  }
  return { ...fixture(), results: [result], alone: [], ...more }
}

/** nginx with a line more than in the baseline. */
const planted = chain.map((each) =>
  each.server === 'nginx'
    ? { ...each, configuration: { 'nginx.conf': 'listen 127.0.0.12:51000;\nproxy_buffering off;\n' } }
    : each,
)

const changes = (was: Outcomes, is: Outcomes): readonly Pick<GateChange, 'kind' | 'server'>[] =>
  compareWithBaseline(judged({ 'x/y': is }), judged({ 'x/y': was })).changes.map(({ kind, server }) => ({
    kind,
    server,
  }))

describe('what is said of a verdict, by what it was and what it is', () => {
  test.each([
    ['pass', 'pass', undefined],
    ['pass', 'fail', 'breach'],
    ['pass', 'error', 'undecided'],
    ['pass', 'blocked', 'undecided'],
    ['pass', 'inapplicable', 'undecided'],
    ['pass', 'observed', undefined],
    ['pass', undefined, 'removed'],
    ['fail', 'pass', 'tightened'],
    ['fail', 'observed', 'tightened'],
    ['fail', 'fail', 'known'],
    ['fail', 'error', 'known'],
    ['fail', undefined, 'removed'],
    // Broken no rule, and breaks one now.
    ['observed', 'fail', 'breach'],
    ['observed', 'observed', undefined],
    ['observed', 'error', undefined],
    // Never decided, so that nobody can call it a regression.
    ['error', 'fail', 'added'],
    ['inapplicable', 'fail', 'added'],
    [undefined, 'fail', 'added'],
    [undefined, 'pass', undefined],
    ['error', 'pass', undefined],
    ['error', 'error', undefined],
    ['inapplicable', undefined, undefined],
  ] as const)('%s, now %s: %s', (was, is, kind) => {
    // Another clause, so that there is something to compare.
    const run = (outcome: Outcome | undefined): Run => judged({ 'x/y': [outcome], 'x/other': ['pass'] })
    const found = compareWithBaseline(run(is), run(was)).changes
    expect(found.map((each) => each.kind)).toEqual(kind === undefined ? [] : [kind])
    if (kind !== undefined) expect([found[0]!.was, found[0]!.is]).toEqual([was, is])
  })
})

describe('who is told', () => {
  test('a breach at the guilty hop, once', () => {
    expect(changes(['pass', 'pass', 'pass'], ['pass', 'fail', 'fail'])).toEqual([{ kind: 'breach', server: 'nginx' }])
    expect(changes(['pass', 'pass', 'pass'], ['fail', 'fail', 'fail'])).toEqual([
      { kind: 'breach', server: 'gunicorn' },
    ])
    // A rule that means nothing at nginx does not make Varnish guilty.
    expect(changes(['pass', 'inapplicable', 'pass'], ['fail', 'inapplicable', 'fail'])).toEqual([
      { kind: 'breach', server: 'gunicorn' },
    ])
  })

  test('with the hops further out at which it shows', () => {
    const run = judged({ 'x/y': ['fail', 'fail', 'fail'] })
    const [breach] = compareWithBaseline(run, judged({ 'x/y': ['pass', 'pass', 'pass'] })).changes
    expect(breach!.because).toMatch(/^fail at gunicorn; also seen at nginx and varnish; /)
  })

  test('a server that no longer heals what it healed', () => {
    expect(changes(['fail', 'pass', 'pass'], ['fail', 'fail', 'fail'])).toEqual([
      { kind: 'known', server: 'gunicorn' },
      { kind: 'breach', server: 'nginx' },
    ])
  })

  test('two servers that each broke it', () => {
    expect(changes(['pass', 'pass', 'pass'], ['fail', 'pass', 'fail'])).toEqual([
      { kind: 'breach', server: 'gunicorn' },
      { kind: 'breach', server: 'varnish' },
    ])
  })

  test('where a hop in between could not be judged, both are told', () => {
    expect(changes(['pass', 'pass', 'pass'], ['fail', 'error', 'fail'])).toEqual([
      { kind: 'breach', server: 'gunicorn' },
      { kind: 'undecided', server: 'nginx' },
      { kind: 'breach', server: 'varnish' },
    ])
  })

  test('all hops are suspected, so that each is judged again', () => {
    const run = judged({ 'x/y': ['pass', 'fail', 'fail'], 'x/z': ['error', 'pass', 'pass'] })
    const found = suspicions(run, judged({ 'x/y': ['pass', 'pass', 'pass'], 'x/z': ['pass', 'pass', 'pass'] }))
    expect(found.map(({ verdict }) => `${verdict.clause} ${verdict.server}`).sort()).toEqual([
      'x/y nginx',
      'x/y varnish',
      'x/z gunicorn',
    ])
    expect(found.every(({ result }) => result === run.results[0])).toBe(true)
  })
})

describe('what may have brought it about', () => {
  const breach = (tiers: readonly Tier[], at: 'nginx' | 'gunicorn' = 'nginx'): GateChange => {
    const is: Outcomes = at === 'nginx' ? ['pass', 'fail', 'pass'] : ['fail', 'pass', 'pass']
    const run = judged({ 'x/y': is }, tiers)
    return compareWithBaseline(run, judged({ 'x/y': ['pass', 'pass', 'pass'] })).changes[0]!
  }

  test('the line of the guilty server', () => {
    const { lines, because } = breach(planted)
    expect(lines).toEqual(['+ proxy_buffering off;'])
    expect(because).toBe('fail at nginx')
  })

  test('its version, where it is configured as before', () => {
    const newer = chain.map((each) => (each.server === 'nginx' ? { ...each, version: '1.1' } : each))
    const { lines, because } = breach(newer)
    expect(lines).toBeUndefined()
    expect(because).toBe('fail at nginx; nginx is configured as in the baseline, and was 1.0 there and is 1.1')
  })

  test('a tier beside it, where it is as before', () => {
    const { lines, because } = breach(planted, 'gunicorn')
    expect(lines).toBeUndefined()
    expect(because).toBe(
      'fail at gunicorn; Gunicorn is configured as in the baseline; beside it nginx (proxy) has + proxy_buffering off;',
    )
  })

  test('nothing that the lab knows of', () => {
    expect(breach(chain).because).toBe(
      'fail at nginx; Varnish, nginx and Gunicorn are configured as in the baseline, in the same versions',
    )
  })

  test('a clause that is another one by now', () => {
    const run = judged({ 'x/y': ['fail'] })
    for (const verdict of run.results[0]!.verdicts) verdict.says = 'It MUST NOT.'
    expect(compareWithBaseline(run, judged({ 'x/y': ['pass'] })).changes[0]!.because).toContain(
      'the lab’s own clause is another one than in the baseline',
    )
  })
})

describe('which results are compared', () => {
  const kept = { 'x/y': ['pass', 'pass', 'pass'] } as const
  const broken = { 'x/y': ['fail', 'pass', 'pass'] } as const
  const variant = (name: string): readonly Tier[] =>
    chain.map((each) => (each.server === 'gunicorn' ? { ...each, variant: name } : each))
  const compared = (run: Run, baseline: Run) => {
    const { compared: count, changes: all, notes } = compareWithBaseline(run, baseline)
    return { count, kinds: all.map(({ kind, result }) => `${kind} ${result}`), notes }
  }

  test('other variants of the same servers, and that is said', () => {
    const { count, kinds, notes } = compared(judged(broken, variant('sync')), judged(kept, variant('gthread')))
    expect([count, kinds]).toEqual([3, ['breach three-tier']])
    expect(notes).toContain('three-tier has gunicorn/sync, in the baseline gunicorn/gthread.')
  })

  test('not other servers, and that is said', () => {
    const apache = chain.map((each) => (each.role === 'proxy' ? tier('proxy', 'apache', 'Apache') : each))
    const { count, kinds, notes } = compared(judged(broken, apache), judged(kept))
    expect([count, kinds]).toEqual([0, []])
    expect(notes).toContain(
      'Compared with nothing, because the baseline has nothing like it: three-tier (cache=varnish, proxy=apache, app=gunicorn).',
    )
  })

  test('of several the one with the same variants and runtime; of two that are equally like it none', () => {
    const of = (clauses: typeof kept | typeof broken, name: string, runtime: string): Result => ({
      ...judged(clauses, variant(name)).results[0]!,
      runtime,
    })
    const several = {
      ...judged(kept),
      results: [of(kept, 'sync', 'docker'), of(broken, 'sync', 'native'), of(kept, 'gthread', 'native')],
    }
    expect(compared(judged(broken, variant('sync')), several).kinds).toEqual(['known three-tier'])
    expect(compared(judged(broken, variant('gthread')), several).kinds).toEqual(['breach three-tier'])
    const { count, notes } = compared(judged(broken, variant('gevent')), {
      ...several,
      results: [of(kept, 'sync', 'native'), of(kept, 'gthread', 'native')],
    })
    expect(count).toBe(0)
    expect(notes.join('\n')).toContain('Compared with nothing')
  })

  test('servers alone with servers alone', () => {
    const alone = (outcome: Outcome): Result => {
      const of = judged({ 'x/y': [undefined, outcome] }, [chain[1]!]).results[0]!
      return { ...of, topology: 'alone' }
    }
    const { kinds } = compared(
      judged(kept, chain, { alone: [alone('fail')] }),
      judged(kept, chain, { alone: [alone('pass')] }),
    )
    expect(kinds).toEqual(['breach nginx/v alone'])
  })

  test('not what was not judged at all: its rules have not gone', () => {
    const { count, kinds, notes } = compared(judged({}), judged(kept))
    expect([count, kinds]).toEqual([0, []])
    expect(notes.join()).toMatch(/^Only in the baseline, and not judged now: three-tier/)
  })

  test('what the baseline has beside is named', () => {
    const more = {
      ...judged(kept),
      results: [...judged(kept).results, { ...judged(kept).results[0]!, topology: 'other' }],
    }
    expect(compared(judged(kept), more).notes).toContain(
      'Only in the baseline, and not judged now: other (cache=varnish, proxy=nginx, app=gunicorn).',
    )
  })
})

describe('notes', () => {
  const kept = { 'x/y': ['pass', 'pass', 'pass'] } as const
  const notes = (run: Run, baseline: Run): readonly string[] => compareWithBaseline(run, baseline).notes

  test('none where nothing differs', () => expect(notes(judged(kept), judged(kept))).toEqual([]))

  test('another machine, by what differs', () => {
    const { host } = fixture()
    const other = { ...host, cpu: 'Other CPU', cpus: host.cpus + 2, cpuPressure: 12, node: 'v99' }
    expect(notes(judged(kept), judged(kept, chain, { host: other }))).toEqual([
      `The machine is another one than the baseline’s: CPU ${host.cpu} (was Other CPU), CPUs ${host.cpus} (was ${host.cpus + 2}).`,
    ])
  })

  test('another lab, other versions of servers, another runtime, other settings, a baseline that was cut short', () => {
    const older = chain.map((each) => (each.server === 'nginx' ? { ...each, version: '0.9' } : each))
    const { finishedAt: _, ...baseline } = judged(kept, older, { commit: 'abc1234', workersPerServer: 9 })
    baseline.results[0]!.runtime = 'docker'
    const { host, commit, workersPerServer } = fixture()
    expect(notes(judged(kept), baseline)).toEqual([
      'The baseline was cut short, so it may lack verdicts.',
      `The lab is ${host.lab}${commit === null ? '' : ` (${commit})`}, the baseline was made by ${host.lab} (abc1234); clauses themselves may have changed.`,
      `Servers had ${workersPerServer} workers, in the baseline 9.`,
      'nginx is 1.0, in the baseline 0.9.',
      'three-tier was judged with the runtime native, in the baseline docker.',
    ])
  })

  test('observations that differ are told, and do not fail anything', () => {
    const seen = (because: string): Run => {
      const run = judged({ 'x/y': ['observed', 'pass', 'pass'] })
      run.results[0]!.verdicts[0]!.because = because
      return run
    }
    const found = compareWithBaseline(seen('two cookies'), seen('one cookie'))
    expect(found.changes).toEqual([])
    expect(found.notes).toEqual(['Seen otherwise at gunicorn: x/y: two cookies; in the baseline: one cookie.'])
  })

  test('rules that are kept and that the baseline has not decided', () => {
    expect(notes(judged({ ...kept, 'x/z': ['pass', 'pass', 'pass'] }), judged(kept))).toEqual([
      '1 rule that the baseline has not decided is kept now.',
    ])
  })

  test('figures of the baseline are not compared', () => {
    expect(notes(fixture(), fixture())).toContain(
      'Measurements of the baseline are not compared: they come from another time, maybe from another machine.',
    )
  })
})

test('a run compared with itself has nothing but known deviations, and is still a run', () => {
  const run = fixture()
  const found = compareWithBaseline(run, run)
  expect(new Set(found.changes.map(({ kind }) => kind))).toEqual(new Set(['known']))
  expect(found.compared).toBeGreaterThan(0)
  expect(Run.parse({ ...run, gate: { conformance: found } }).gate!.conformance).toEqual(found)
})
