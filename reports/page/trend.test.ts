import { describe, expect, test } from 'vitest'
import { pagesInBrowser, unfold, violations } from '../fixture/browser.ts'
import { gateOf, remembered } from '../fixture/remembered.ts'
import { entryOf, parseHistory } from '../history.ts'
import { renderTrend } from './trend.ts'

const page = (entries: readonly object[], torn = ''): string =>
  renderTrend(parseHistory(`${entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')}${torn}`), 'history.jsonl')

const one = entryOf(gateOf(1, 0.001))
const many = Array.from({ length: 75 }, (_, index) => ({ ...one, id: `gate-${index}`, commit: '<script>' }))

describe('a history opened in a browser without a network', () => {
  const pages = pagesInBrowser(async () => ({
    whole: page(remembered(), '{"schema":"lab.hi'),
    one: page([one]),
    many: page(many),
  }))

  test.each(['light', 'dark'] as const)('is accessible and complains about nothing, %s', async (colorScheme) => {
    for (const name of ['whole', 'one', 'many'])
      for (const width of [1280, 400]) {
        const { page, complaints } = await pages.open(name, { colorScheme, width })
        await unfold(page)
        expect([name, await violations(page)]).toEqual([name, []])
        expect([name, complaints]).toEqual([name, []])
        expect([name, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([name, width])
      }
  })

  test('has a section for each machine, with a line for each metric, without a script', async () => {
    const { page } = await pages.open('whole', { javaScriptEnabled: false })
    const machines = page.locator('section.trend')
    expect(await machines.count()).toBe(2)
    const [gates, others] = await Promise.all(
      [0, 1].map((index) => machines.nth(index).locator('.plot').first().locator('.mark').count()),
    )
    expect([gates, others]).toEqual([8, 3])
    expect(await machines.first().locator('rect.mark').count()).toBe(1)
    expect(await machines.first().innerText()).toContain('8 gates: 7 passes, 1 breach and 0 inconclusive.')
    expect(await page.locator('#left-out').innerText()).toContain('Line 14 (the last) was left out')
  })

  test('the breach stands above its tolerance, and the table has its figures', async () => {
    const { page } = await pages.open('whole')
    const plot = page.locator('.plot').first()
    const [breach, limit] = await Promise.all(
      ['rect.mark', '.limit'].map((part) => plot.locator(part).first().boundingBox()),
    )
    expect(breach!.y + breach!.height).toBeLessThan(limit!.y)
    await unfold(page)
    const row = page.locator('.trend tr', { hasText: 'run-of-day-6' }).nth(1)
    expect((await row.innerText()).replace(/\s+/g, ' ')).toMatch(/\+5\.\d % \+4\.\d % to \+5\.\d % 2 % .* breach/)
  })

  test('of more gates than a line can hold the last are shown, and how many there are is said', async () => {
    const { page } = await pages.open('many')
    expect(await page.locator('.plot').first().locator('.mark').count()).toBe(60)
    expect(await page.locator('main').innerText()).toContain('the last 60 of 75')
  })
})
