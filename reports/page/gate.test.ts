import { describe, expect, test } from 'vitest'
import { pagesInBrowser, unfold, violations } from '../fixture/browser.ts'
import { gatedRun, gateRounds } from '../fixture/gated.ts'
import { hostile } from '../fixture/verdicts.ts'
import markdown from '../reporters/markdown.ts'
import type { Run } from '../run.ts'
import { renderTerminal } from '../terminal.ts'
import { gateText } from '../words/gate.ts'
import { visible } from '../words/visible.ts'
import { renderPage } from './document.ts'

const { duet, conformance } = gatedRun().gate!
const { finishedAt: _, ...unfinished } = gatedRun({ duet: { ...duet!, rounds: gateRounds({}, [1]).slice(0, 1) } })

const runs: Readonly<Record<string, Run>> = {
  both: gatedRun(),
  duet: { ...gatedRun({ conformance: undefined }), results: [] },
  clauses: gatedRun({ duet: undefined }),
  pass: gatedRun({
    duet: { ...duet!, rounds: gateRounds({ cpu: [412, 0, 0.01], p99: [6, 0, 0.02] }) },
    conformance: { ...conformance!, changes: [], notes: [] },
  }),
  far: gatedRun({ duet: { ...duet!, rounds: gateRounds({ cpu: [412, 1.5, 0.6] }) } }),
  unfinished,
  'no round': { ...gatedRun({ duet: { ...duet!, rounds: [] }, conformance: undefined }), results: [] },
}

describe('a gate opened in a browser without a network', () => {
  const pages = pagesInBrowser(async () =>
    Object.fromEntries(Object.entries(runs).map(([name, run]) => [name, renderPage(run)])),
  )

  test.each(['light', 'dark'] as const)('is accessible and complains about nothing, %s', async (colorScheme) => {
    for (const name of Object.keys(runs))
      for (const width of [1280, 400]) {
        const { page, complaints, requests } = await pages.open(name, { colorScheme, width })
        await unfold(page)
        expect([name, await violations(page)]).toEqual([name, []])
        expect([name, complaints, requests]).toEqual([name, [], [pages.url(name)]])
        expect([name, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([name, width])
      }
  })

  test('says its verdict before anything else, and without a script', async () => {
    for (const [name, run] of Object.entries(runs)) {
      const { page } = await pages.open(name, { javaScriptEnabled: false })
      const verdict = page.locator('main p').first()
      expect(await verdict.innerText()).toBe(gateText(run)!.sentence)
      const box = (await verdict.boundingBox())!
      expect(box.y + box.height).toBeLessThanOrEqual(400)
    }
  })

  test('has no chapter of runs that compare topologies, and none that is empty', async () => {
    const sections = async (name: string): Promise<readonly string[]> => {
      const { page } = await pages.open(name)
      return page.locator('main > section').evaluateAll((all) => all.map(({ id }) => id))
    }
    expect(await sections('both')).toEqual(['gate', 'caveats', 'conformance', 'setup'])
    expect(await sections('duet')).toEqual(['gate', 'caveats', 'setup'])
    for (const name of Object.keys(runs)) {
      const { page } = await pages.open(name)
      expect([name, await page.locator('.empty').count()]).toEqual([name, 0])
      expect(await page.locator('main').innerText()).not.toMatch(
        /undefined|NaN|Infinity|\[object|none came up|0 repeats/,
      )
    }
  })

  test('shows every metric with its interval and a dot for every round, without a script', async () => {
    const { page } = await pages.open('both', { javaScriptEnabled: false })
    expect(await page.locator('.plot .round').count()).toBe(5 * 12)
    const [change, limit] = await Promise.all(
      ['.plot .breach .change', '.plot .limit'].map((part) => page.locator(part).boundingBox()),
    )
    // The breach lies beyond the tolerance, what passes before it.
    expect(change!.x).toBeGreaterThan(limit!.x)
    for (const passed of await page.locator('.plot .pass .change').all())
      expect((await passed.boundingBox())!.x).toBeLessThan(limit!.x)
  })

  test('keeps what lies far beyond the axis within the picture', async () => {
    const { page } = await pages.open('far')
    const frame = (await page.locator('.plot').boundingBox())!
    for (const part of await page.locator('.plot .round, .plot .change, .plot .interval').all()) {
      const box = (await part.boundingBox())!
      expect(box.x + box.width).toBeLessThanOrEqual(frame.x + frame.width)
    }
  })

  test('names clause, hop, sentence and line of a breach, and shows what a server sent as text', async () => {
    const { page } = await pages.open('both')
    const breach = page.locator('#gate-breach ~ .changes').first()
    const text = await breach.innerText()
    for (const part of [
      'pep3333-environ/environ.other-cgi at nginx (proxy) in reverse-proxy',
      'as many other CGI variables',
      'SHOULD, PEP 3333',
      '+ proxy_pass_request_headers off;',
    ])
      expect(text).toContain(part)
    expect(await breach.textContent()).toContain(visible(hostile).replace(/\s+/g, ' ').slice(0, 20))
    expect(await page.title()).toMatch(/^Gate: breach/)
  })
})

test('Markdown and the terminal begin with the same verdict', async () => {
  for (const [name, run] of Object.entries(runs)) {
    const { sentence, verdict } = gateText(run)!
    const report = String((await markdown.render(run))[0]!.content)
    const [heading, first] = report.split('\n\n')
    expect([name, heading]).toEqual([name, '# Gateway Lab: gate'])
    expect(first).toMatch(/^\*\*.*\*\*$/)
    expect(report).not.toMatch(/undefined|NaN|Infinity|\[object|none came up|0 repeats/)
    expect(report).not.toContain('## Which topology')
    const terminal = renderTerminal(run, { colour: false })
    expect(terminal.split('\n\n')[0]!.replace(/\n\s*/g, ' ')).toBe(sentence)
    expect(terminal).not.toMatch(/undefined|NaN|Infinity|Nothing was measured/)
    for (const line of terminal.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
    const coloured = renderTerminal(run, { colour: true })
    expect(
      coloured.startsWith({ pass: '\u001b[1;32m', breach: '\u001b[1;31m', inconclusive: '\u001b[1;33m' }[verdict]),
    ).toBe(true)
  }
})

test('the Markdown of the fixture is the golden one', async () => {
  await expect(String((await markdown.render(runs.both!))[0]!.content)).toMatchFileSnapshot(
    '../reporters/golden-gate.md',
  )
})
