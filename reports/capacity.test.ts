import { describe, expect, test } from 'vitest'
import { capacities, timesAsMuch } from './capacity.ts'
import { capacityCharts } from './charts/capacity.ts'
import { searched } from './fixture/searched.ts'
import { renderPage } from './page/document.ts'
import markdown from './reporters/markdown.ts'
import { renderTerminal } from './terminal.ts'
import { capacityChapter, capacityOpen } from './words/capacity.ts'

const plainly = (text: string): string => text.replaceAll('\u00a0', ' ')
const answersOf = (run: ReturnType<typeof searched>): readonly string[] =>
  capacityChapter(run)!.parts[0]!.answers.map(plainly)

describe('searches of three topologies, on a machine whose speed changes', () => {
  const run = searched()

  test('each answer says what the topology bears, how sure that is, and what is left with tighter limits', () => {
    const [app] = answersOf(run)
    expect(app).toMatch(
      /^app-server bears \d,\d{3}\/s \(\d,\d{3} – \d,\d{3}\/s\) with 99 of 100 answers within 200 ms and at most 0\.1 % wrong; its critical rate, with tighter limits as well, is \d,\d{3}\/s\.$/,
    )
  })

  test('rates as found differ, rates at the machine’s average speed agree, and both are told', () => {
    const [app] = capacities(run)
    if (app!.max.kind !== 'found') throw new Error(app!.max.kind)
    const apart = (rates: readonly number[]) => Math.max(...rates) / Math.min(...rates)
    expect(apart(app!.max.asFound)).toBeGreaterThan(1.2)
    expect(apart(app!.max.atAverage)).toBeLessThan(1.1)
    expect(plainly(capacityChapter(run)!.parts[0]!.says[0]!)).toMatch(
      /the servers used \d+ % of their CPU time, \d+ µs for each request\. As they were found, its rates were .* 1\.\d\d× apart; brought to the machine’s average speed, 1\.0\d×\.$/,
    )
  })

  test('who is not limited by CPU time is said not to be, and is not brought to another speed', () => {
    const threeTier = capacities(run).find(({ name }) => name === 'three-tier')!
    expect(threeTier.max).toMatchObject({ kind: 'found', rate: { middle: expect.closeTo(390, -1) } })
    expect(plainly(capacityChapter(run)!.parts[0]!.says.at(-1)!)).toMatch(
      /6 % of their CPU time: it is not CPU time that limits it/,
    )
    // An answer takes 30 ms, and one in a hundred 72.
    expect(threeTier.critical).toBeUndefined()
    expect(threeTier.limits.map(({ highest }) => highest.kind)).toEqual(['never', 'never', 'found', 'found', 'found'])
  })

  test('topologies are compared where their intervals do not overlap', () => {
    expect(answersOf(run).slice(3)).toEqual([
      expect.stringMatching(/^app-server bears 1\.[45]\d times as much as reverse-proxy\.$/),
      expect.stringMatching(/^reverse-proxy bears 1[23]\.\d times as much as three-tier\.$/),
    ])
    const alike = searched({ topologies: { 'app-server': { perSecond: 6000 }, 'reverse-proxy': { perSecond: 5800 } } })
    expect(answersOf(alike).at(-1)).toMatch(/are not told apart/)
    const [one, other] = capacities(alike)
    expect(timesAsMuch(one!, other!) ?? timesAsMuch(other!, one!)).toBeUndefined()
  })

  test('the chart has a line for each topology, the limit, and a ring at the highest rate', () => {
    const [chart] = capacityCharts(run)
    const { lines } = chart!.panels[0]!
    expect(lines.map(({ name }) => plainly(name))).toEqual([
      'app-server',
      'reverse-proxy',
      'three-tier',
      'limit: 200 ms',
    ])
    for (const { points } of lines.slice(0, 3)) {
      expect(points.map(({ x }) => x)).toEqual(points.map(({ x }) => x).toSorted((a, b) => a - b))
      expect(points.filter(({ ringed }) => ringed)).toHaveLength(1)
      expect(points[0]!.valid).toBe(true)
      expect(points.at(-1)!.valid).toBe(false)
    }
  })

  test('page, Markdown and terminal begin with the answers, and say nothing of what was not done', async () => {
    // The program of the charts has words of its own.
    const page = renderPage(run).split('<script', 1)[0]!
    const [{ content } = { content: '' }] = await markdown.render(run)
    const [answer] = answersOf(run)
    for (const text of [page, String(content), renderTerminal(run, { colour: false }).replace(/\n {2}/g, ' ')]) {
      expect(plainly(text)).toContain(answer!.slice(0, 60))
      expect(text).not.toMatch(/Nothing was measured|holds no workload|What each hop does/)
    }
    expect(page).toContain('data-lines="capacity"')
    expect(String(content)).toContain('capacity.png')
    expect(String(content)).toContain('npm run lab -- capacity --slo p99=200ms')
  })

  test('something is known, so the run is conclusive', () => expect(capacityOpen(run)).toBeUndefined())
})

test('one search has an interval as well, from its own steps, and says that it is one', () => {
  const run = searched({ repeats: 1, topologies: { 'app-server': { perSecond: 8000 } }, times: 1.2 })
  expect(answersOf(run)[0]).toMatch(/\d – \d,\d{3}\/s within one repeat\)/)
  expect(capacityChapter(run)!.parts[0]!.says[0]).toMatch(/It is from one search/)
})

test('topologies that were searched once are not compared', () => {
  expect(answersOf(searched({ repeats: 1 })).join()).not.toContain('times as much')
})

test('an objective that nobody keeps is said to be kept at no rate, and the run does not answer', () => {
  const run = searched({ topologies: { 'app-server': { perSecond: 8000, least: 400 } } })
  expect(answersOf(run)[0]).toMatch(/^app-server keeps 99 of 100 answers within 200 ms .* at no rate: not even at \d/)
  expect(capacityOpen(run)).toMatch(/at no rate/)
})

test('a generator at its limit gives a lower bound, which is not compared', () => {
  const run = searched({
    topologies: { 'app-server': { perSecond: 90_000, generator: 60_000 }, 'reverse-proxy': { perSecond: 6000 } },
  })
  const [app] = answersOf(run)
  expect(app).toMatch(/^app-server bears at least \d\d,\d{3}\/s .* because the generator had no CPU time left/)
  expect(answersOf(run).filter((answer) => answer.includes('times as much'))).toEqual([])
  expect(capacityOpen(run)).toBeUndefined()
})

test('what is answered out of a cache is not taken for what the application bears', () => {
  const run = searched({
    topologies: { 'app-server': { perSecond: 3000 }, 'three-tier': { perSecond: 40_000, inCache: 0.99 } },
  })
  const [app, cached] = answersOf(run)
  expect(app).not.toContain('without the application')
  expect(cached).toMatch(/^three-tier bears .* Nearly all of it is answered without the application, out of a cache/)
})

test('searches in which others used the CPUs all the time say nothing, and no chart is drawn', () => {
  const quiet = searched({ topologies: { 'app-server': { perSecond: 8000 } } })
  const results = quiet.results.map((result) => ({
    ...result,
    searches: result.searches!.map((search) => ({
      ...search,
      steps: search.steps.map((step) => ({ ...step, disturbed: true })),
    })),
  }))
  const run = { ...quiet, results }
  expect(answersOf(run)).toEqual([
    expect.stringMatching(/^app-server: not known, because others used the CPUs in 160 of 160 steps/),
  ])
  expect(capacityCharts(run)).toEqual([])
  expect(renderPage(run)).toContain('not known')
  expect(capacityOpen(run)).toMatch(/not known/)
})

test('a topology that did not come up is a problem beside the answers of the others', () => {
  const whole = searched()
  const results = whole.results.map((result, index) =>
    index === 0 ? { ...result, searches: undefined, problems: ['nginx did not start.\nits log'] } : result,
  )
  const { problems, parts } = capacityChapter({
    ...whole,
    results: results.map(({ searches, ...rest }) => (searches ? { ...rest, searches } : rest)),
  })!
  expect(problems).toEqual(['app-server: nginx did not start.'])
  expect(parts[0]!.answers.some((answer) => answer.startsWith('reverse-proxy bears'))).toBe(true)
})
