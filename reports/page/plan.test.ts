import { describe, expect, test } from 'vitest'
import { pagesInBrowser, unfold, violations } from '../fixture/browser.ts'
import { plannedRun } from '../fixture/planned.ts'
import { hostile } from '../fixture/verdicts.ts'
import { planOf } from '../planning/plan.ts'
import charts from '../reporters/charts.ts'
import githubSummary from '../reporters/github-summary.ts'
import markdown from '../reporters/markdown.ts'
import type { Result, Run } from '../run.ts'
import { renderTerminal } from '../terminal.ts'
import { planText } from '../words/plan.ts'
import { renderPage } from './document.ts'

/** Takes away what was measured of every topology, or of those named. */
const without = (run: Run, ...names: readonly string[]): Run => ({
  ...run,
  results: run.results.map(({ planning, ...result }): Result => {
    if (planning !== undefined && names.length > 0 && !names.includes(result.topology)) return { ...result, planning }
    return { ...result, problems: [`gunicorn did not answer within 20 s. The end of its log: ${hostile}`] }
  }),
})

/** The application's server in two kinds of workers. */
const filled = (run: Run): Run => ({
  ...run,
  results: run.results
    .filter(({ topology }) => topology === 'reverse-proxy')
    .flatMap((result) =>
      ['gthread', 'sync'].map((variant) => ({
        ...result,
        tiers: result.tiers.map((tier) => (tier.role === 'app' ? { ...tier, variant } : tier)),
      })),
    ),
})

/** At the greater rates the slowest take so many times longer than any model would say. */
const slower = (run: Run, times: number): Run => ({
  ...run,
  results: run.results.map((result) => {
    const points = result.planning?.points ?? []
    const rates = points.map(({ loop }) => (loop.kind === 'open' ? loop.rate : 0))
    const slow = points.map((point, at) =>
      rates[at] === Math.max(...rates)
        ? { ...point, rounds: point.rounds.map((round) => ({ ...round, p99: (round.p99 ?? 0) * times })) }
        : point,
    )
    return { ...result, planning: { ...result.planning!, points: slow } }
  }),
})

const crowded = { cpu: { app: 400 }, waits: 20, slots: 5 }

const runs: Readonly<Record<string, Run>> = {
  met: plannedRun(),
  missed: plannedRun({ bent: 0.7 }),
  impossible: plannedRun({ demand: { p99: 3 } }),
  'one failed': without(plannedRun(), 'three-tier'),
  'none came up': without(plannedRun()),
  filled: filled(plannedRun()),
  rough: slower(plannedRun({ demand: { p99: 40 } }), 10),
  crowded: plannedRun({ stations: { 'app-server': crowded }, demand: { rps: 300 } }),
}

describe('a plan opened in a browser without a network', () => {
  const pages = pagesInBrowser(async () =>
    Object.fromEntries(Object.entries(runs).map(([name, run]) => [name, renderPage(run)])),
  )

  test.each(['light', 'dark'] as const)('is accessible and complains about nothing, %s', async (colorScheme) => {
    for (const name of Object.keys(runs))
      for (const width of colorScheme === 'light' ? [1280, 390] : [1280]) {
        const { page, complaints, requests } = await pages.open(name, { colorScheme, width })
        await unfold(page)
        expect([name, await violations(page)]).toEqual([name, []])
        expect([name, complaints, requests]).toEqual([name, [], [pages.url(name)]])
        expect([name, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([name, width])
        expect(await page.locator('main').innerText()).not.toMatch(/undefined|NaN|Infinity|\[object/)
      }
  })

  test('answers on the first screen, in words, a table and a chart', async () => {
    const { page } = await pages.open('met')
    expect(await page.locator('main p').first().innerText()).toMatch(
      /^Take \S+ \(.*\): \d+ machines.* of 4 cores and 4\sGB, 1 of them to spare, each with \d+ workers of \d+ threads\. The other .* 2,730 requests per second with 99 of 100 answers within .*\.$/,
    )
    for (const part of await page.locator('.sizes tr').all()) expect((await part.boundingBox())!.y).toBeLessThan(500)
    const chart = (await page.locator('canvas[data-lines=plan-curves]').boundingBox())!
    expect(chart.y).toBeLessThan(620)
    // Whoever has not read of queues must not need to.
    expect(await page.locator('#plan').innerText()).not.toMatch(/utili[sz]ation|mean value|MVA|M\/M|USL|percentile/i)
  })

  test('draws a line for each topology and its measured points', async () => {
    const { page } = await pages.open('met')
    const colours = await page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      return new Set(new Uint32Array(data.buffer)).size
    })
    expect(colours).toBeGreaterThan(8)
  })

  test('says first that a model is not to be believed', async () => {
    const { page } = await pages.open('missed', { javaScriptEnabled: false })
    const [first, second] = await page.locator('main p').allInnerTexts()
    expect(first).toMatch(
      /^The model typically missed the measured throughput by \d+\s%: do not order machines by it\.$/,
    )
    expect(second).toMatch(/^Take /)
  })

  test('does not let a p99 that was predicted too short stand there as if it were known', async () => {
    // Too long makes nobody buy too little: that is said with the other errors.
    const { page: met } = await pages.open('met')
    expect(await met.locator('#plan .caution').count()).toBe(0)
    const { page } = await pages.open('rough')
    const text = await page.locator('#plan .caution').innerText()
    expect(text).toMatch(
      /^How long the slowest of 100 answers takes was predicted too short: measured with \S+, it was .*× what the model said/,
    )
    expect(text).toMatch(/as wrong as that the limit of 40\sms would not be kept\.$/)
  })

  test('says of what is impossible why, and what it would take, and offers no export of it', async () => {
    const { page } = await pages.open('impossible')
    const text = await page.locator('#plan').innerText()
    expect(text).toMatch(
      /^None of the measured topologies bears 2,730 requests per second with 99 of 100 answers within 3\sms, on however many machines/m,
    )
    expect(text.match(/It would take/g)!.length).toBeGreaterThanOrEqual(4)
    expect(text).not.toContain('lab -- export')
    expect(text).toContain('lab -- plan --from')
  })

  test('shows what a server said in its log as text, and topologies without it', async () => {
    const { page } = await pages.open('one failed')
    expect(await page.locator('.sizes .cannot').count()).toBe(1)
    expect(await page.locator('.sizes tbody tr').count()).toBe(4)
    expect(await page.locator('.problems').textContent()).toContain('did not answer within 20 s')
    expect(await page.locator('img').count()).toBe(0)
  })

  test('asks what if of the hit ratio, the peak and the kind of workers, from figures of the same plan', async () => {
    const { page } = await pages.open('met')
    const rows = (title: string) => page.locator(`#what-if [aria-label="${title}"] tbody tr`).allInnerTexts()
    expect(await rows('If the cache answered more or less')).toHaveLength(4)
    const peaks = await rows('If the peak were higher or lower')
    expect(peaks.map((row) => row.split('\t')[0]!.trim())).toEqual([
      '1× the average',
      '2× the average',
      '3× the average (as planned)',
      '5× the average',
    ])
    const run = runs.met!
    const [first] = planOf(run).topologies
    const five = planOf({ ...run, plan: { ...run.plan!, demand: { ...run.plan!.demand, peak: 5 } } })
    const size = five.topologies.find(({ name }) => name === first!.name)!.size!
    expect(peaks[3]).toContain(`${size.machines} machines`)
    expect(await page.locator('#what-if').innerText()).toContain('--server app=gunicorn/sync')
    const kinds = await pages.open('filled')
    expect(await kinds.page.locator('#what-if').innerText()).toContain(
      'If the application ran in other kinds of workers',
    )
  })

  test('tells whose connections crowd at some workers', async () => {
    expect(planOf(runs.crowded!).models[0]!.sharing).toBe('sticky')
    const { page } = await pages.open('crowded')
    expect(await page.locator('#plan').innerText()).toContain('some workers are crowded while others idle')
  })
})

test('Markdown and the terminal begin with the same sentences, and everything tells where it comes from', async () => {
  for (const [name, run] of Object.entries(runs)) {
    const { distrust, recommendation } = planText(run)!
    const summary = String((await githubSummary.render(run))[0]!.content)
    expect(summary.split('\n\n')[1]!.replaceAll('\\', '')).toBe(`**${distrust ?? recommendation}**`)
    const first = distrust ?? recommendation
    const report = String((await markdown.render(run))[0]!.content)
    expect([name, report.split('\n\n')[0]]).toEqual([name, '# Gateway Lab: plan'])
    expect(report.split('\n\n')[1]!.replaceAll('\\', '')).toBe(`**${first}**`)
    const terminal = renderTerminal(run, { colour: false })
    expect(terminal.split('\n\n')[0]!.replace(/\n\s*/g, ' ')).toBe(first)
    for (const line of terminal.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
    const page = renderPage(run).replace(/<script[^]*?<\/script>/g, '')
    for (const text of [report, terminal, page]) {
      expect(text).not.toMatch(/undefined|NaN|Infinity|\[object/)
      expect(text).toContain(run.id)
      expect(text).toContain('npm run lab -- plan --app shop/wsgi.py:application')
      expect(text).toContain('2026-11-28 08:30 UTC')
    }
  }
})

test('the picture is there where something was measured', async () => {
  const names = async (run: Run) => (await charts.render(run)).map(({ name }) => name)
  expect(await names(runs.met!)).toContain('plan-curves.png')
  expect(await names(runs['none came up']!)).not.toContain('plan-curves.png')
})
