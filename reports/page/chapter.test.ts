import { describe, expect, test } from 'vitest'
import { pagesInBrowser, unfold, violations } from '../fixture/browser.ts'
import { studied } from '../fixture/study.ts'
import { swept } from '../fixture/swept.ts'
import { fixture } from '../fixture/whole.ts'
import charts from '../reporters/charts.ts'
import markdown from '../reporters/markdown.ts'
import type { Run } from '../run.ts'
import { renderTerminal } from '../terminal.ts'
import { renderPage } from './document.ts'

/** A run that holds everything at once. */
function whole(): Run {
  const [run, sweep] = [fixture(), swept()]
  const results = run.results.map((result) => {
    const own = sweep.results.find(({ topology }) => topology === result.topology)?.sweep
    return own === undefined ? result : { ...result, sweep: own }
  })
  return {
    ...run,
    results,
    ...(sweep.sweep ? { sweep: sweep.sweep } : {}),
    ...(studied().study ? { study: studied().study! } : {}),
  }
}

const runs = { study: studied(), sweep: swept(), whole: whole(), once: studied({ repeats: 1 }) }

const textOf = async (run: Run): Promise<string> => String((await markdown.render(run))[0]!.content)

describe('opened in a browser without a network', () => {
  const pages = pagesInBrowser(async () =>
    Object.fromEntries(Object.entries(runs).map(([name, run]) => [name, renderPage(run)])),
  )

  test.each(['light', 'dark'] as const)(
    'in the %s theme every chart is drawn, accessible and without a complaint',
    async (colorScheme) => {
      for (const name of Object.keys(runs)) {
        const { page, complaints } = await pages.open(name, { colorScheme })
        await unfold(page)
        const empty = await page.evaluate(() => {
          const isBlank = (canvas: HTMLCanvasElement): boolean => {
            const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
            return new Set(new Uint32Array(data.buffer)).size < 8
          }
          return [...document.querySelectorAll<HTMLCanvasElement>('.chapter canvas')].filter(isBlank).length
        })
        expect([name, empty]).toEqual([name, 0])
        expect([name, await violations(page)]).toEqual([name, []])
        expect([name, complaints]).toEqual([name, []])
      }
    },
  )

  test.each([
    ['study', '#interpreter', 4],
    ['sweep', '#curves', 8],
  ] as const)('a %s alone is answered on the first screen', async (name, chapter, answers) => {
    const { page } = await pages.open(name)
    expect(await page.locator('main > section').first().getAttribute('id')).toBe(chapter.slice(1))
    const sentences = await page.locator(`${chapter} .summaries li`).all()
    expect(sentences).toHaveLength(answers)
    for (const sentence of sentences) {
      const box = (await sentence.boundingBox())!
      expect(box.y + box.height).toBeLessThanOrEqual(800)
    }
  })

  test('a telephone need not scroll sideways', async () => {
    for (const name of Object.keys(runs)) {
      const { page } = await pages.open(name, { width: 400 })
      expect([name, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([name, 400])
    }
  })

  test('beside compared topologies both chapters come after the numbers', async () => {
    const { page } = await pages.open('whole')
    const ids = await page.locator('main > section').evaluateAll((sections) => sections.map(({ id }) => id))
    expect(ids).toEqual(['answer', 'conformance', 'numbers', 'interpreter', 'curves', 'setup', 'caveats'])
  })
})

test('pictures are named after what they show', async () => {
  const names = async (run: Run) => (await charts.render(run)).map(({ name }) => name)
  expect(await names(runs.sweep)).toEqual([
    'curve-time.png',
    'curve-time-response.png',
    'curve-static.png',
    'curve-static-response.png',
  ])
  expect(await names(runs.study)).toEqual([
    'interpreter-cost.png',
    'interpreter-clients-throughput.png',
    'interpreter-clients-p99.png',
    'interpreter-memory.png',
    'interpreter-scaling.png',
  ])
})

test('Markdown and the terminal begin with the same answers', async () => {
  for (const [name, sentence] of [
    ['study', 'One interpreter alone takes'],
    ['sweep', 'time, app-server: knee at 4 connections'],
  ] as const) {
    const text = await textOf(runs[name])
    expect(text.split('\n')[4]).toMatch(/^## (What the Python interpreter|How throughput and response)/)
    expect(text).toContain(sentence)
    expect(text).not.toMatch(/undefined|NaN|Infinity|\[object|not measured/i)
    const terminal = renderTerminal(runs[name], { colour: false })
    expect(terminal).toContain(sentence)
    expect(terminal).not.toContain('Nothing was measured')
    for (const line of terminal.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  }
})
