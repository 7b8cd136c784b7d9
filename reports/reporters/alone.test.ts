import { describe, expect, test } from 'vitest'
import { summaries } from '../conformance.ts'
import { mending, withAlone } from '../fixture/alone.ts'
import { pagesInBrowser, unfold, violations } from '../fixture/browser.ts'
import { fixture } from '../fixture/whole.ts'
import { aloneRun } from '../names.ts'
import { renderTerminal } from '../terminal.ts'
import html from './html.ts'
import markdown from './markdown.ts'
import matrix from './matrix.ts'

/** What reports say of intermediaries that were judged alone. */

const run = withAlone(fixture())
const rendered = async (reporter: typeof html, name: string): Promise<string> =>
  String((await reporter.render(run)).find((artifact) => artifact.name === name)!.content)

test('each is summed up by itself: there is nobody else to blame', () => {
  expect(summaries(aloneRun(run)).map(({ name, says }) => `${name}: ${says}`)).toEqual([
    'nginx/http11 alone: nginx breaks 1 of 1 rules (1 MUST)',
    'varnish/default alone: Varnish breaks 1 of 2 rules (1 MUST)',
    'varnish/lab alone: Varnish breaks none of 2 rules',
  ])
  const terminal = renderTerminal(run, { colour: false })
  expect(terminal).toContain('varnish/default alone: Varnish breaks 1 of 2 rules (1 MUST).')
})

test('what topologies come to is the same with and without them', () => {
  expect(summaries(run)).toEqual(summaries(fixture()))
})

test('the report and the matrix as text hold their rules, and the line that was kept with', async () => {
  for (const text of [await rendered(markdown, 'report.md'), await rendered(matrix, 'matrix.md')]) {
    expect(text).toContain('Intermediaries alone')
    expect(text).toContain('**`rfc9111-staleness/cache.stale-forbidden`**')
    expect(text).toMatch(/Kept with `sub vcl_backend_response .*` in Varnish, tried in this run\./)
    expect(text).toContain(
      '--server cache=varnish/default --runtime native --clause rfc9111-staleness/cache.stale-forbidden',
    )
  }
})

test('every id of the pages is there once, and nothing that was sent becomes markup', async () => {
  for (const page of [await rendered(html, 'report.html'), await rendered(matrix, 'matrix.html')]) {
    const plain = page.replace(/<script[^]*?<\/script>/g, '')
    const ids = [...plain.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
    expect(page).not.toContain('<img')
    expect(page).not.toContain('# <b>')
  }
})

describe('in a browser', () => {
  const pages = pagesInBrowser(async () => ({
    report: await rendered(html, 'report.html'),
    matrix: await rendered(matrix, 'matrix.html'),
  }))

  test.each(['report', 'matrix'])(
    '%s shows who breaks a rule, the message on both sides, and what mends it',
    async (name) => {
      const { page } = await pages.open(name, {}, '#clause-rfc9111-staleness/cache.stale-forbidden:varnish-default')
      const card = page.locator('[id="clause-rfc9111-staleness/cache.stale-forbidden"]')
      expect(await card.locator('h5').first().innerText()).toContain('Varnish: broken')
      expect(await card.locator('.remedy').innerText()).toContain(`Kept with ${mending} in Varnish, tried in this run.`)
      await card.locator('.evidence > summary').first().click()
      const told = await card.locator('.evidence').first().innerText()
      expect(told).toContain('Sent by Varnish to the origin')
      expect(told).toContain('Received by Varnish from the origin')
    },
  )

  test.each([
    ['report', 'light'],
    ['report', 'dark'],
    ['matrix', 'light'],
    ['matrix', 'dark'],
  ] as const)('%s in %s has no fault that axe finds', async (name, colorScheme) => {
    const { page } = await pages.open(name, { colorScheme })
    await unfold(page)
    expect(await violations(page)).toEqual([])
  })
})
