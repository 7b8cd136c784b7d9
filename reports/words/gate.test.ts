import { describe, expect, test } from 'vitest'
import { gatedRun, gateRounds } from '../fixture/gated.ts'
import { effectsOf, verdictOf } from '../gate.ts'
import type { Duet, GateConformance, Run } from '../run.ts'
import { gateText } from './gate.ts'
import { shareBeside } from './gate-figures.ts'
import { roundsNeeded } from './gate-help.ts'

const { duet, conformance } = gatedRun().gate as { duet: Duet; conformance: GateConformance }
type Shown = Parameters<typeof gateRounds>[0]

/** A gate of nothing but a duet that shows this, with these tolerances. */
const measured = (shown: Shown, tolerances: Duet['tolerances'], more: Partial<Duet> = {}): Run =>
  gatedRun({ duet: { ...duet, rounds: gateRounds(shown), tolerances, ...more }, conformance: undefined })

const judged = (kinds: readonly GateConformance['changes'][number]['kind'][], compared = 32): Run =>
  gatedRun({
    duet: undefined,
    conformance: { ...conformance, compared, changes: conformance.changes.filter(({ kind }) => kinds.includes(kind)) },
  })

const sentence = (run: Run): string => gateText(run)!.sentence.replaceAll('\u00a0', ' ')
const helpful = (run: Run): string => gateText(run)!.help.join('\n').replaceAll('\u00a0', ' ')

describe('the first line', () => {
  test('of a breach says what changed by how much, what is tolerated, and that the repeat confirmed it', () => {
    expect(sentence(measured({}, { cpu: 0.02 }))).toMatch(
      /^Breach: CPU per request rose by 5\.\d % \(4\.\d to 5\.\d %\), more than the 2 % that are tolerated; the repeat confirmed it\.$/,
    )
    expect(sentence(measured({ throughput: [1905, -0.08, 0.01] }, { throughput: 0.05 }))).toMatch(
      /^Breach: throughput fell by [78]\.\d % \([78]\.\d to 8\.\d %\), more than the 5 % that are tolerated; the repeat confirmed it\.$/,
    )
    expect(sentence(measured({ p50: [2, 0.2, 0.01] }, { cpu: 0.02, p50: 0.05 }))).toMatch(
      /CPU per request rose .*, and median latency \(p50\) rose .*; the repeat confirmed each\.$/,
    )
  })

  test('of a breach of clauses names the hop and the clause, and claims no repeat of a measurement', () => {
    expect(sentence(judged(['breach', 'known']))).toBe(
      'Breach: nginx (proxy) in reverse-proxy no longer keeps pep3333-environ/environ.other-cgi.',
    )
  })

  test('of a pass says what would have been seen', () => {
    expect(sentence(measured({ cpu: [412, 0.001, 0.012] }, { cpu: 0.02 }))).toMatch(
      /^Pass: CPU per request changed for the worse by no more than is tolerated; a rise of 0\.\d % or more would have been told from none in 95 of 100 such gates\.$/,
    )
    expect(sentence(measured({ cpu: [412, 0.001, 0.012] }, { cpu: 0.02, throughput: 0.05 }))).toMatch(
      /a rise of \d\.\d % or more in CPU per request and a fall of \d\.\d % or more in throughput would have been told/,
    )
    expect(sentence(judged(['known', 'tightened', 'added', 'removed']))).toBe(
      'Pass: of 32 verdicts compared with the baseline none that was kept is broken.',
    )
  })

  test('of a pass that looked at nothing does not sound like one that did', () => {
    expect(sentence(judged([], 0))).toContain('no verdict could be compared')
    expect(sentence(measured({}, {}))).toBe('Pass: no metric is gated.')
  })

  test.each<[string, Run, RegExp]>([
    [
      'too noisy',
      measured({}, { p99: 0.2 }),
      /p99\), because this gate tells no change smaller than 3\d\.\d % from none, and 20 % are tolerated\.$/,
    ],
    [
      'too near the tolerance',
      measured({ cpu: [412, 0.019, 0.012] }, { cpu: 0.02 }),
      /CPU per request, because a change for the worse of more than the 2 % tolerated is neither shown nor excluded/,
    ],
    [
      'suspected and not repeated',
      measured({}, { cpu: 0.02 }, { rounds: gateRounds({}, [1]) }),
      /because its change of \+[45]\.\d % is more than the 2 % tolerated, and it was not measured again/,
    ],
    [
      'late',
      measured(
        { p50: [2, 0, 0.01] },
        { p50: 0.05 },
        { rounds: gateRounds().map((round) => ({ ...round, lateness: 1 })) },
      ),
      /because the generator sent its requests so late/,
    ],
    [
      'without figures',
      measured(
        {},
        { memory: 0.05 },
        { rounds: gateRounds().map((round) => ({ ...round, base: { ...round.base, memory: null } })) },
      ),
      /memory, because 0 rounds of it are too few, and 3 of each batch are needed/,
    ],
    [
      'a clause of which nobody can tell',
      judged(['undecided']),
      /about 1 clause, because what became of it cannot be told\.$/,
    ],
  ])('of a gate that is inconclusive says why: %s', (_, run, because) => {
    expect(sentence(run)).toMatch(/^Inconclusive: this gate cannot decide about /)
    expect(sentence(run)).toMatch(because)
  })

  test('of a gate that was cut short decides nothing', () => {
    const { finishedAt: _, ...cut } = measured({ cpu: [412, 0, 0.01] }, { cpu: 0.02 })
    expect(sentence(cut)).toMatch(/^Unfinished, so nothing is decided; so far: Pass: /)
  })
})

describe('what would help', () => {
  const noisy = measured({}, { p99: 0.2 })

  test('is said only where something is inconclusive', () => {
    expect(helpful(measured({}, { cpu: 0.02 }))).toBe('')
    expect(helpful(noisy)).toMatch(/--rounds \d+/)
  })

  test('the tolerance it names would have let the same figures pass', () => {
    const named = Number(/--tolerance p99=(\d+)/.exec(helpful(noisy))![1])
    const verdict = (percent: number) => verdictOf(measured({}, { p99: percent / 100 }).gate!)
    expect([verdict(named - 1), verdict(named)]).toEqual(['inconclusive', 'pass'])
  })

  test('so many rounds as it names decide more often than not, and half as many do not', () => {
    const [effect] = effectsOf(noisy.gate!.duet!)
    const needed = roundsNeeded(effect!)!
    // The spread that was seen is the truth of these gates: each draws its rounds from those.
    const seen = noisy.gate!.duet!.rounds
    let state = 7
    const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647
    const share = (rounds: number): number => {
      const passed = Array.from({ length: 200 }, () => {
        const drawn = Array.from({ length: rounds }, (_, index) => ({
          ...seen[Math.floor(next() * seen.length)]!,
          batch: index % 2 === 0 ? (1 as const) : (2 as const),
        }))
        return verdictOf({ duet: { ...noisy.gate!.duet!, rounds: drawn } }) === 'pass'
      })
      return passed.filter(Boolean).length / passed.length
    }
    expect(share(needed)).toBeGreaterThan(0.5)
    expect(share(Math.ceil(needed / 2))).toBeLessThan(0.5)
  })

  test('is a quieter machine where others were loud, and not where nobody was', () => {
    const rounds = noisy.gate!.duet!.rounds.map((round) => ({ ...round, foreignCpu: 0.8, generatorDelay: 0.2 }))
    const loud = helpful(measured({}, { p99: 0.2 }, { rounds }))
    expect(loud).toContain('A quieter machine: others used 0.80 CPUs')
    expect(loud).toContain('the generator waited for one in 20.0 % of the median round')
    expect(helpful(noisy)).not.toContain('machine')
  })

  test('is not more rounds where the change lies at the tolerance itself', () => {
    const shown: Shown = { cpu: [412, 0.02, 0.012] }
    const [cpu] = effectsOf(measured(shown, { cpu: 0.02 }).gate!.duet!)
    const at = measured(shown, { cpu: cpu!.change * 1.01 })
    expect(sentence(at)).toContain('neither shown nor excluded')
    expect(helpful(at)).toContain('More rounds alone will hardly decide CPU per request')
    expect(helpful(at)).not.toContain('(--rounds')
  })
})

test('a change at its tolerance has as many digits as tell them apart', () => {
  const at = (change: number): string => shareBeside(change, { tolerance: 0.05 }).replace('\u00a0', ' ')
  expect([0.058, 0.0501, -0.05004, 0.0499].map(at)).toEqual(['5.8 %', '5.01 %', '5.004 %', '4.99 %'])
})

test('deviations that the baseline knows are counted, and breaches carry their line and sentence', () => {
  const { conformance: text } = gateText(gatedRun())!
  expect(text!.counted).toEqual(['5 known deviations of the baseline are still there and fail no gate.'])
  expect(text!.groups.map(({ id }) => id)).toEqual([
    'gate-breach',
    'gate-undecided',
    'gate-added',
    'gate-tightened',
    'gate-removed',
  ])
  expect(text!.groups[0]!.changes[0]).toMatchObject({
    hop: 'nginx (proxy) in reverse-proxy',
    binding: 'SHOULD, PEP 3333, environ Variables',
    says: expect.stringContaining('as many other CGI variables'),
    lines: ['+ proxy_pass_request_headers off;'],
  })
})

test('limits speak of what was done: saturated together or in turn, measured or only judged', () => {
  const text = (run: Run): string => gateText(run)!.limits.join('\n')
  expect(text(measured({}, { cpu: 0.02 }))).toContain('saturated together')
  expect(text(measured({}, { cpu: 0.02 }, { saturated: 'in-turn' }))).toContain('one after the other')
  expect(text(judged(['known']))).not.toMatch(/saturated|loopback|capacity/)
})
