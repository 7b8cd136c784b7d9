import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isolated } from '../fixture/isolated.ts'
import { fixture } from '../fixture/whole.ts'
import { hostile } from '../fixture/verdicts.ts'
import { partialRuns } from '../fixture/partial.ts'
import type { Run } from '../run.ts'
import { visible } from '../words/visible.ts'
import html from './html.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const quiet =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

const browserPath = [
  process.env.LAB_CHROMIUM,
  '/usr/bin/chromium',
  ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'chromium')),
].find((path) => path !== undefined && path !== '' && existsSync(path))

/** Two topologies on both runtimes, with a server of another version and verdicts and measurements of all kinds. */
const contained = isolated(['app-server', 'three-tier'], {
  versions: { nginx: '1.29.1-1' },
  verdict: (verdict) =>
    verdict.clause.endsWith('head.no-body') ? { ...verdict, outcome: 'fail', because: hostile } : verdict,
  measurement: (one) => ({
    ...one,
    usage: one.usage.map((tier) => (tier.role === 'cache' ? { ...tier, pssBytes: null, cgroupBytes: 77e6 } : tier)),
  }),
})

const render = async (run: Run): Promise<string> => String((await html.render(run))[0]!.content)

test('the page is one file below 2 MB that names no other but run.json', async () => {
  const page = await render(fixture())
  expect(page.length).toBeLessThan(2_000_000)
  expect([...page.matchAll(/(?:src|href)="([^"#][^"]*)"/g)].map(([, url]) => url)).toEqual([
    'run.json',
    'run.json',
    'run.json',
  ])
  expect(page).toContain('Released under the MIT License')
})

test('nothing a server sent becomes markup', async () => {
  const page = await render(fixture())
  expect(page).not.toContain('<img')
  expect(page.match(/<script/g)).toHaveLength(3)
  expect(page).not.toContain('\u0000')
})

test('no histogram is embedded', async () => {
  expect(await render(fixture())).not.toContain(fixture().results[0]!.measurements[0]!.histogram)
})

test('every id is there once and can be linked to, with two runtimes as with one', async () => {
  for (const run of [fixture(), contained]) {
    const page = (await render(run)).replace(/<script[^]*?<\/script>/g, '')
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index || /\s/.test(id))).toEqual([])
  }
  expect(await render(fixture())).not.toMatch(/id="isolation"|#isolation/)
})

test.each(Object.entries(partialRuns()))('a run with %s has all its sections', async (_, run) => {
  const page = (await render(run)).replace(/<script[^]*?<\/script>/g, '')
  for (const id of ['answer', 'conformance', 'numbers', 'setup', 'caveats']) expect(page).toContain(`id="${id}"`)
  expect(page).not.toMatch(/undefined|NaN|Infinity|\[object/)
})

describe('opened in a browser without a network', () => {
  let browser: Browser | undefined
  const folder = mkdtempSync(join(tmpdir(), 'lab-report-'))
  const file = (name: string): string => pathToFileURL(join(folder, `${name}.html`)).href

  beforeAll(async () => {
    if (browserPath === undefined) return
    browser = await chromium.launch({ executablePath: browserPath, args: quiet.split(' ') })
    const runs = { fixture: fixture(), contained, ...partialRuns() }
    for (const [name, run] of Object.entries(runs)) writeFileSync(join(folder, `${name}.html`), await render(run))
  })
  beforeEach((context) => {
    if (browserPath === undefined) context.skip('there is no Chromium: install one or name it in LAB_CHROMIUM')
  })
  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close()
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const opened = async (
    colorScheme: 'light' | 'dark',
    name = 'fixture',
    width = 1280,
  ): Promise<{ page: Page; requests: string[]; complaints: string[] }> => {
    const context = await browser!.newContext({ colorScheme, viewport: { width, height: 800 }, offline: true })
    const page = await context.newPage()
    const [requests, complaints]: [string[], string[]] = [[], []]
    page.on('request', (request) => requests.push(request.url()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => complaints.push(message.text()))
    await page.goto(file(name))
    return { page, requests, complaints }
  }

  const violations = async (page: Page): Promise<readonly string[]> => {
    await page.evaluate(axe)
    return page.evaluate(async () => {
      const { axe: checker } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
      }
      return (await checker.run()).violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`,
      )
    })
  }

  describe.each(['light', 'dark'] as const)('with a %s theme, the page', (colorScheme) => {
    test('asks for nothing but itself and complains about nothing', async () => {
      const { page, requests, complaints } = await opened(colorScheme)
      await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)))
      expect(requests).toEqual([file('fixture')])
      expect(complaints).toEqual([])
    })

    test('is accessible, closed and with everything open, wide and narrow', async () => {
      for (const width of [1280, 400]) {
        const { page } = await opened(colorScheme, 'fixture', width)
        expect(await violations(page)).toEqual([])
        await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)))
        expect(await violations(page)).toEqual([])
      }
    })

    test('answers on the first screen', async () => {
      const { page } = await opened(colorScheme)
      const rows = page.locator('.answer tbody tr')
      expect(await rows.count()).toBe(3)
      for (const row of await rows.all()) {
        const box = (await row.boundingBox())!
        expect(box.y + box.height).toBeLessThanOrEqual(800)
      }
      expect(await rows.first().innerText()).toContain('daemon-host')
    })

    test('switches its theme with the keyboard and draws the charts anew', async () => {
      const { page } = await opened(colorScheme)
      const look = () =>
        page.evaluate(() => [getComputedStyle(document.body).color, document.querySelector('canvas')!.toDataURL()])
      const [colour, chart] = await look()
      await page.locator('#theme').focus()
      await page.keyboard.press('Enter')
      const [other, redrawn] = await look()
      expect(other).not.toBe(colour)
      expect(redrawn).not.toBe(chart)
      expect(await violations(page)).toEqual([])
    })
  })

  test('does not scroll sideways on a telephone', async () => {
    for (const name of ['fixture', 'contained']) {
      const { page } = await opened('light', name, 400)
      expect([name, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([name, 400])
    }
  })

  test.each(['light', 'dark'] as const)(
    'shows native against containers, accessibly, with a %s theme',
    async (theme) => {
      for (const width of [1280, 400]) {
        const { page, complaints } = await opened(theme, 'contained', width)
        await page.locator('nav a[href="#isolation"]').click()
        const section = page.locator('#isolation')
        expect(await section.isVisible()).toBe(true)
        expect(await section.locator('table').first().innerText()).toContain('versions differ: nginx 1.26.3-3 native')
        expect(await section.locator('table').last().innerText()).toContain('not told from 1')
        expect(await violations(page)).toEqual([])
        expect(complaints).toEqual([])
      }
    },
  )

  test('shows hostile text as text', async () => {
    const { page } = await opened('light')
    const evidence = page.locator('details.clause .evidence pre').nth(1)
    expect(await evidence.textContent()).toContain(visible(hostile))
    expect(await page.title()).toMatch(/^Gateway Lab/)
  })

  test('filters clauses and says how many are left', async () => {
    const { page } = await opened('light')
    await page.locator('[data-filter=healed]').click()
    expect(await page.locator('#matrix tbody tr:visible').count()).toBe(2)
    expect(await page.locator('#shown').textContent()).toBe('2 of 14 clauses shown')
  })

  test('opens what an anchor points to', async () => {
    const { page } = await opened('light')
    await page.locator('#matrix tbody a').first().click()
    const open = page.locator('details.clause[open]')
    expect(await open.count()).toBe(1)
    expect(await open.locator('blockquote').isVisible()).toBe(true)
  })

  test('stands being part of a run', async () => {
    for (const name of Object.keys(partialRuns())) {
      const { complaints } = await opened('light', name)
      expect([name, complaints]).toEqual([name, []])
    }
    for (const name of ['nothing at all', 'only failures']) {
      const { page } = await opened('light', name)
      expect([name, await violations(page)]).toEqual([name, []])
    }
  })
}, 60_000)
