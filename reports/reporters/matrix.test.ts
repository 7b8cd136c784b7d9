import { describe, expect, test } from 'vitest'
import { pagesInBrowser, unfold, violations } from '../fixture/browser.ts'
import { fillings, unloaded } from '../fixture/fillings.ts'
import { isolated } from '../fixture/isolated.ts'
import { partialRuns } from '../fixture/partial.ts'
import { hostile } from '../fixture/verdicts.ts'
import { fixture } from '../fixture/whole.ts'
import type { Run } from '../run.ts'
import matrix from './matrix.ts'

const judged = unloaded(fillings())
const render = async (run: Run): Promise<Record<string, string>> =>
  Object.fromEntries((await matrix.render(run)).map(({ name, content }) => [name, String(content)]))
const [page, text] = Object.values(await render(judged)) as [string, string]

test('a run that judged nothing has no matrix', async () => {
  expect(await render(partialRuns()['no verdict']!)).toEqual({})
  expect(await render(partialRuns()['nothing at all']!)).toEqual({})
})

test.each(Object.entries(partialRuns()))('a run with %s is rendered', async (_, run) => {
  for (const content of Object.values(await render(run)))
    expect(content.replace(/<script[^]*?<\/script>/g, '')).not.toMatch(/undefined|NaN|Infinity|\[object/)
})

test('nothing a server sent becomes markup', () => {
  expect(page).not.toContain('<img')
  expect(page.match(/<script/g)).toHaveLength(1)
  expect(text.replace(/^(`{3,})text\n[^]*?\n\1$/gm, '')).not.toContain('<')
  expect(text).not.toContain(hostile)
})

test('every address is there once, and every link within the page leads to one', async () => {
  for (const run of [judged, fixture(), isolated(['app-server', 'three-tier'])]) {
    const html = (await render(run))['matrix.html']!
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index || /\s/.test(id))).toEqual([])
    const links = [...html.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id!)
    expect(links.filter((id) => !ids.includes(id))).toEqual([])
  }
})

test('every clause has an address made of its id, the ones that nobody can test too', () => {
  for (const { clause } of judged.results[0]!.verdicts) expect(page).toContain(` id="clause-${clause}"`)
})

test('the text has a table for each level, every deviation with its reason, and the command', () => {
  expect(text).toContain(
    '| Gunicorn gthread 23.0.0-1 | 7 kept, 4 broken | 0 kept, 1 broken, 1 differ | 1 kept, 0 broken |',
  )
  expect(text.match(/^## .*/gm)).toEqual([
    '## How many rules each keeps',
    '## MUST and MUST NOT',
    '## SHOULD and SHOULD NOT',
    '## Prose, MAY and what is only recorded',
    '## Deviations: MUST and MUST NOT',
    '## Deviations: SHOULD and SHOULD NOT',
    '## Deviations: Prose, MAY and what is only recorded',
    '## What cannot be tested from outside',
    '## To repeat it',
  ])
  expect(text).toContain(
    '- cheroot threads: cheroot does otherwise\\\n  `npm run lab -- --topology app-server --server app=cheroot/threads ',
  )
  expect(text).toContain('Gunicorn gthread in three-tier (nginx/http11) only: gunicorn does otherwise')
  expect(text).toContain('npm run lab -- --server all --no-load\n')
})

describe('opened in a browser without a network', () => {
  const pages = pagesInBrowser(async () => ({ matrix: page }))

  test.each(['light', 'dark'] as const)(
    'it is accessible and asks for nothing, with a %s theme',
    async (colorScheme) => {
      for (const width of [1280, 390]) {
        const { page: shown, requests, complaints } = await pages.open('matrix', { colorScheme, width })
        expect(await violations(shown)).toEqual([])
        await unfold(shown)
        expect(await violations(shown)).toEqual([])
        expect([requests, complaints]).toEqual([[pages.url('matrix')], []])
      }
    },
  )

  test('it scrolls inside, with the rule and the server in sight, and never sideways as a whole', async () => {
    const { page: shown } = await pages.open('matrix', { width: 390, height: 844 })
    expect(await shown.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    const box = shown.locator('.tall')
    const place = (selector: string) => shown.locator(selector).first().boundingBox()
    const [rule, head, before] = [
      await place('.rules tr[data-kinds] th'),
      await place('thead th b'),
      await place('td.pass'),
    ]
    await box.evaluate((element) => element.scrollBy(200, 60))
    const [sameRule, sameHead, after] = [
      await place('.rules tr[data-kinds] th'),
      await place('thead th b'),
      await place('td.pass'),
    ]
    expect([sameRule!.x, sameHead!.y]).toEqual([rule!.x, head!.y])
    expect([after!.x, after!.y]).toEqual([before!.x - 200, before!.y - 60])
  })

  test('a link to a rule opens its sentence, experiment, findings and command, folded evidence beside', async () => {
    const { page: shown } = await pages.open('matrix', {}, '#clause-pep3333-response/head.no-body')
    const clause = shown.locator('details.clause[open]')
    expect(await clause.locator('blockquote').innerText()).toContain('MUST NOT send content in the response to a HEAD')
    const told = await clause.innerText()
    expect(told).toContain('Experiment: The probe is asked for head.no-body')
    expect(told).toMatch(/reverse-proxy \(nginx http11 → Gunicorn gthread\) and three-tier .*: healed by nginx/)
    expect(told).toMatch(/✓ kept: waitress threads and Apache/)
    expect(await clause.locator('.command').first().innerText()).toContain(
      '--server app=gunicorn/sync,app=gunicorn/gthread,',
    )
    expect(await clause.locator('.evidence[open]').count()).toBe(0)
  })

  test('a cell leads to what was seen there', async () => {
    const { page: shown } = await pages.open('matrix')
    await shown.locator('a', { hasText: 'differs' }).click()
    const finding = shown.locator('details.clause[open] .finding').first()
    await finding.waitFor()
    expect(await finding.innerText()).toContain('Gunicorn gthread in three-tier (nginx/http11) only: broken')
    await expect.poll(() => finding.evaluate((element) => element.getBoundingClientRect().y < innerHeight)).toBe(true)
  })

  test('filters leave no level without rules behind', async () => {
    const { page: shown } = await pages.open('matrix')
    await shown.locator('[data-filter=healed]').click()
    expect(await shown.locator('#shown').textContent()).toBe('3 of 15 clauses shown')
    expect(await shown.locator('#matrix .group:visible span').allInnerTexts()).toEqual([
      'MUST and MUST NOT · pep3333-start-response',
      'MUST and MUST NOT · pep3333-response',
      'SHOULD and SHOULD NOT · pep3333-environ',
    ])
  })

  test('it can be read without its script', async () => {
    const { page: shown } = await pages.open('matrix', { javaScriptEnabled: false })
    expect(await shown.locator('#matrix tr[data-kinds]:visible').count()).toBe(15)
    expect(await shown.locator('.filters').isVisible()).toBe(false)
    expect(await shown.locator('#theme').isVisible()).toBe(false)
  })
}, 60_000)
