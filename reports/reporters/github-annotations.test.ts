import { expect, test } from 'vitest'
import { gatedRun } from '../fixture/gated.ts'
import { gates } from '../fixture/gates.ts'
import { hostile } from '../fixture/verdicts.ts'
import { fixture } from '../fixture/whole.ts'
import type { Run } from '../run.ts'
import githubAnnotations from './github-annotations.ts'

interface Shown {
  readonly kind: string
  readonly title: string
  readonly message: string
}

/** What GitHub's runner makes of the log: one command a line, properties up to the next two colons, then unescaped. */
async function shown(run: Run): Promise<readonly Shown[]> {
  const [artifact] = await githubAnnotations.render(run)
  const data = (text: string): string => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
  const property = (text: string): string => data(text.replaceAll('%3A', ':').replaceAll('%2C', ','))
  const lines = String(artifact!.content).split('\n').slice(0, -1)
  return lines.map((line) => {
    const [, kind, title, message] = /^::(error|warning|notice) title=([^:,]*)::(.*)$/.exec(line)!
    return { kind: kind!, title: property(title!), message: data(message!) }
  })
}

test('a gate tells breaches as errors, what is open as warnings, what is good to know as notices', async () => {
  const all = await shown(gatedRun())
  expect(all.map(({ kind, title }) => `${kind}: ${title}`)).toEqual([
    'error: CPU per request',
    'error: pep3333-environ/environ.other-cgi at nginx (proxy)',
    'warning: 99th percentile of latency (p99)',
    'warning: rfc9112-framing/content-length.no-overrun at nginx (proxy)',
    'notice: The baseline can be tightened',
    'notice: Not in the baseline',
  ])
  expect(all[0]!.message).toContain('5.1\u00a0%')
  expect(all[1]!.message).toContain('\n+ proxy_pass_request_headers off;')
})

test('a gate that passes says so in one notice', async () => {
  const all = await shown(gates[0]![2])
  expect(all).toMatchObject([{ kind: 'notice', title: 'Gateway Lab' }])
  expect(all[0]!.message).toMatch(/^Pass: /)
})

test.each(gates)('of a gate that was cut short nothing is decided, though so far %s: %s', async (_, __, run) => {
  const { finishedAt: _finished, ...cut } = run
  const own = (await shown(cut)).filter(({ title }) => title === 'Gateway Lab')
  expect(own).toMatchObject([{ kind: 'warning', message: expect.stringMatching(/^Unfinished/) }])
})

test('nothing that a server sent ends a command or starts one', async () => {
  const run = gatedRun()
  const change = run.gate!.conformance!.changes[0]!
  const attack = `${hostile}\r\n::stop-commands::x\n::error title=a,file=b::c`
  Object.assign(change, { because: attack, server: 'a:b,c\n::warning::d' })
  const all = await shown(run)
  const [, told] = all
  expect(all).toHaveLength(6)
  expect(told!.title).toBe('pep3333-environ/environ.other-cgi at a:b,c\n::warning::d (proxy)')
  expect(told!.message).toContain('\n::stop-commands::x\n::error title=a,file=b::c')
})

test('GitHub shows ten of a kind, so that of eleven two are counted', async () => {
  const breaches = async (count: number): Promise<readonly Shown[]> => {
    const run = gatedRun()
    const { changes } = run.gate!.conformance!
    const [breach] = changes
    // One error is the metric.
    changes.push(...Array.from({ length: count - 2 }, () => breach!))
    return (await shown(run)).filter(({ kind }) => kind === 'error')
  }
  expect(await breaches(10)).toHaveLength(10)
  expect((await breaches(10)).at(-1)!.title).toContain('environ.other-cgi')
  expect(await breaches(11)).toHaveLength(10)
  expect((await breaches(11)).at(-1)!.title).toBe('2 more')
})

test('an ordinary run tells what failed to come up, what must not be compared and what the hops do, and no deviation as an error', async () => {
  const all = await shown(fixture())
  expect(all.filter(({ kind }) => kind === 'error').map(({ title }) => title)).toEqual(['cache-host had a problem'])
  expect(all.find(({ title }) => title.startsWith('daemon-host:'))!.message).toMatch(
    /^3 of 30 measurements must not be compared/,
  )
  expect(all.find(({ kind, title }) => kind === 'notice' && title === 'app-server')!.message).toContain(
    'Gunicorn breaks 5 of 14 rules',
  )
})
