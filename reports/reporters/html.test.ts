import { describe, expect, test } from 'vitest'
import { pagesInBrowser, unfold, violations } from '../fixture/browser.ts'
import { fillings, unloaded } from '../fixture/fillings.ts'
import { isolated } from '../fixture/isolated.ts'
import { fixture } from '../fixture/whole.ts'
import { allWorkloads } from '../fixture/workloads.ts'
import { hostile } from '../fixture/verdicts.ts'
import { partialRuns } from '../fixture/partial.ts'
import type { Run } from '../run.ts'
import { visible } from '../words/visible.ts'
import html from './html.ts'

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

/** Every server of the fixture, judged and not loaded: what a matrix is made of. */
const judged = unloaded(fillings())

const render = async (run: Run): Promise<string> => String((await html.render(run))[0]!.content)

test('the page is one file below 2 MB that names no other but the matrix and run.json', async () => {
  const page = await render(fixture())
  expect(page.length).toBeLessThan(2_000_000)
  expect([...page.matchAll(/(?:src|href)="([^"#][^"]*)"/g)].map(([, url]) => url)).toEqual([
    'matrix.html',
    'run.json',
    'matrix.html',
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
  for (const run of [fixture(), contained, judged]) {
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
  const pages = pagesInBrowser(async () => {
    const runs = {
      fixture: fixture(),
      workloads: allWorkloads(),
      contained,
      fillings: fillings(),
      judged,
      ...partialRuns(),
    }
    const rendered = Object.entries(runs).map(async ([name, run]) => [name, await render(run)] as const)
    return Object.fromEntries(await Promise.all(rendered))
  })

  const opened = (colorScheme: 'light' | 'dark', name = 'fixture', width = 1280, height = 800) =>
    pages.open(name, { colorScheme, width, height })

  describe.each(['light', 'dark'] as const)('with a %s theme, the page', (colorScheme) => {
    test('asks for nothing but itself and complains about nothing', async () => {
      const { page, requests, complaints } = await opened(colorScheme)
      await unfold(page)
      expect(requests).toEqual([pages.url('fixture')])
      expect(complaints).toEqual([])
    })

    test('is accessible, closed and with everything open, wide and narrow', async () => {
      for (const width of [1280, 400]) {
        const { page } = await opened(colorScheme, 'fixture', width)
        expect(await violations(page)).toEqual([])
        await unfold(page)
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

  test('with ten workloads gives all answers with their intervals on the first screen, and folds what was used', async () => {
    for (const [theme, width] of [
      ['light', 1280],
      ['dark', 400],
    ] as const) {
      const { page, complaints } = await opened(theme, 'workloads', width)
      const answers = await page.locator('.short li').all()
      expect(answers).toHaveLength(10)
      for (const each of answers) {
        const box = (await each.boundingBox())!
        expect(box.y + box.height).toBeLessThanOrEqual(800)
      }
      expect(await answers[0]!.innerText()).toMatch(/^Dynamic: daemon-host, 1\.23× \(1\.\d\d – 1\.\d\d×\) as much as/)
      expect(await page.locator('.used table').first().isVisible()).toBe(false)
      await unfold(page)
      expect(await violations(page)).toEqual([])
      expect(complaints).toEqual([])
    }
  })

  test('says on the first screen what each topology does to the rules, on a telephone as well', async () => {
    for (const [name, width, height, sentences] of [
      ['fixture', 1280, 800, 4],
      ['fixture', 390, 844, 4],
      ['fillings', 1280, 800, 12],
      ['judged', 1280, 800, 12],
    ] as const) {
      const { page } = await opened('light', name, width, height)
      const boxes = await Promise.all((await page.locator('.blame-list li').all()).map((each) => each.boundingBox()))
      expect([name, width, boxes.length]).toEqual([name, width, sentences])
      for (const box of boxes) expect(box!.y + box!.height).toBeLessThanOrEqual(height)
    }
    const { page } = await opened('light')
    expect(await page.locator('.blame-list li').nth(3).innerText()).toMatch(
      /^three-tier: nginx heals 2 of Gunicorn's 5 deviations \(2 of 4 MUST, 0 of 1 SHOULD\); .*Varnish introduces 1 \(1 MUST\); clients meet 6 of 13 rules broken \(4 MUST, 1 SHOULD, 1 prose\)\.$/,
    )
  })

  test('does not scroll sideways on a telephone', async () => {
    for (const name of ['fixture', 'contained', 'fillings']) {
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
    expect(await page.locator('#matrix tr[data-kinds]:visible').count()).toBe(2)
    expect(await page.locator('#shown').textContent()).toBe('2 of 15 clauses shown')
  })

  test('opens what an anchor points to', async () => {
    const { page } = await opened('light')
    await page.locator('#matrix tbody a').first().click()
    const open = page.locator('details.clause[open]')
    await open.waitFor()
    expect(await open.count()).toBe(1)
    expect(await open.locator('blockquote').isVisible()).toBe(true)
  })

  test('shows a clause before and after the guilty hop, what the probe logged, and how to see it again', async () => {
    const { page } = await opened('light')
    const clause = page.locator('details.clause[id$="chunked.extension"]')
    await unfold(page)
    expect(await clause.locator('blockquote').innerText()).toContain('MUST ignore unrecognized chunk extensions')
    expect(await clause.innerText()).toContain('Experiment: The probe is asked for chunked.extension')
    expect(await clause.locator('.hops').first().innerText()).toMatch(
      /✗ Varnish .*broken\s+503 Service Unavailable\s+✓ nginx .*kept\s+✓ Gunicorn .*kept/,
    )
    const evidence = clause.locator('.evidence')
    expect(await evidence.innerText()).toMatch(/Sent to Varnish[^]*Sent to nginx[^]*Sent to Gunicorn/)
    // Side by side: what Varnish answered stands at the height of what nginx answered.
    const [atVarnish, atNginx] = await Promise.all(
      [1, 3].map((index) => evidence.locator('pre').nth(index).boundingBox()),
    )
    expect([atVarnish!.y, atVarnish!.x < atNginx!.x]).toEqual([atNginx!.y, true])
    expect(await evidence.innerText()).toContain('What the application logged behind nginx')
    expect(await clause.locator('.command').innerText()).toBe(
      'npm run lab -- --topology three-tier --server cache=varnish/default,proxy=nginx/http11,app=gunicorn/gthread --runtime native --clause rfc9112-framing/chunked.extension --no-load',
    )
    expect(await clause.innerText()).toContain('Kept at every hop: app-server, daemon-host and reverse-proxy.')
  })

  test('what must be is shown apart from what should be', async () => {
    const { page } = await opened('light')
    const groups = await page.locator('#matrix tbody .group').allInnerTexts()
    expect(groups).toEqual(['MUST and MUST NOT', 'SHOULD and SHOULD NOT', 'Prose, MAY and what is only recorded'])
    expect(await page.locator('#matrix tbody').nth(1).innerText()).toContain('hop-by-hop.app-fatal')
  })

  test('what nobody can test is told apart, with the reason', async () => {
    const { page } = await opened('light')
    await unfold(page)
    expect(await page.locator('#matrix').innerText()).not.toContain('call.no-extra-arguments')
    expect(await page.locator('#untestable ~ details').innerText()).toContain('Not testable: a server that relied')
  })

  test('with many fillings holds the matrix of servers instead of every hop of each', async () => {
    const { page, complaints } = await opened('light', 'judged')
    const head = await page.locator('#matrix thead').innerText()
    expect(head).toContain('waitress threads')
    expect(await page.locator('#matrix thead tr').nth(1).locator('th').count()).toBe(12)
    await page.locator('#matrix tbody a', { hasText: 'introduced' }).first().click()
    await page.locator('details.clause[open]').waitFor()
    expect(await violations(page)).toEqual([])
    expect(complaints).toEqual([])
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
