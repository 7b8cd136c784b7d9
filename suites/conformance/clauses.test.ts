import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Suite } from './index.ts'

const files = readdirSync(import.meta.dirname).filter((file) => !/^index\.|\.test\./.test(file))
const suites = await Promise.all(
  files.map(async (file) => {
    const { default: suite }: { readonly default: Suite } = await import(
      /* @vite-ignore */ `${import.meta.dirname}/${file}`
    )
    return { file, suite }
  }),
)
const all = suites.flatMap(({ suite }) =>
  Object.entries(suite.clauses).map(([id, clause]) => ({ id, full: `${suite.name}/${id}`, suite, clause })),
)

test('a suite is named after its file', () => {
  for (const { file, suite } of suites) expect(`${suite.name}.ts`).toBe(file)
})

test('an id means one thing, in whatever suite it stands', () => {
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  for (const { id } of all) expect(id).toMatch(/^[a-z0-9-]+\.[a-z0-9-]+$/)
})

test.each(all)('$full quotes a sentence and says where it stands', ({ clause: { says, cites, level } }) => {
  expect(says.length).toBeGreaterThan(40)
  expect(says).toBe(says.trim())
  expect(cites).toMatch(/^(PEP 3333, [A-Z]|PEP 3333, environ Variables$|RFC \d+ §\d)/)
  const keyword = {
    MUST: /must/i,
    'MUST NOT': /must not/i,
    SHOULD: /should/i,
    'SHOULD NOT': /should not/i,
    MAY: /may|can/i,
  }
  if (level in keyword) expect(says).toMatch(keyword[level as keyof typeof keyword])
})

test('a clause depends on one that is judged before it', () => {
  const before = new Set<string>()
  for (const { full, suite, clause } of all) {
    const { dependsOn } = clause
    if (dependsOn !== undefined)
      expect(before).toContain(dependsOn.includes('/') ? dependsOn : `${suite.name}/${dependsOn}`)
    before.add(full)
  }
})

// Reports and baselines know these: a clause may be added, but none renamed, and none changed in meaning.
test('ids and levels are stable', () => {
  expect(all.map(({ full, clause }) => `${full} ${clause.level}`)).toMatchInlineSnapshot(`
    [
      "pep3333-call/call.once-per-request PROSE",
      "pep3333-call/environ.builtin-dict MUST",
      "pep3333-call/iter.late-start-response MUST NOT",
      "pep3333-call/iter.close-normal MUST",
      "pep3333-call/iter.close-head-and-bodyless MUST",
      "pep3333-call/iter.close-app-error MUST",
      "pep3333-call/iter.close-disconnect MUST",
      "pep3333-environ/environ.path-info MUST",
      "pep3333-environ/environ.content-type PROSE",
      "pep3333-environ/environ.server-name PROSE",
      "pep3333-environ/environ.server-port PROSE",
      "pep3333-environ/environ.server-protocol MUST",
      "pep3333-environ/environ.url-scheme MUST",
      "pep3333-environ/environ.multithread-truthful PROSE",
      "pep3333-environ/url.reconstruct PROSE",
      "pep3333-http/expect.transparent MUST",
      "pep3333-http/hop-by-hop.inbound-decoded MUST",
      "pep3333-start-response/status.reason-kept PROSE",
      "pep3333-start-response/response.crlf-in-header MUST NOT",
      "pep3333-start-response/headers.repeats-kept PROSE",
      "pep3333-start-response/headers.required-added MUST",
      "pep3333-start-response/hop-by-hop.app-fatal SHOULD",
      "pep3333-start-response/start-response.defer-until-body MUST",
      "pep3333-start-response/start-response.second-call-fatal PROSE",
      "pep3333-start-response/exc-info.replaces-headers PROSE",
      "pep3333-start-response/exc-info.after-sent-raises MUST",
      "pep3333-start-response/error.before-output SHOULD",
      "pep3333-start-response/error.after-output PROSE",
      "pep3333-streams/input.eof-at-content-length SHOULD",
      "pep3333-streams/input.read-no-arg SHOULD",
      "pep3333-streams/input.empty-when-exhausted SHOULD",
      "pep3333-streams/input.readline-size SHOULD",
      "pep3333-streams/input.unread-body-safe MUST",
      "pep3333-streams/errors.unicode SHOULD",
      "pep3333-streams/errors.reaches-log PROSE",
      "pep3333-transmission/content-length.no-overrun SHOULD NOT",
      "pep3333-transmission/content-length.stops-iterating SHOULD",
      "pep3333-transmission/content-length.short-closes SHOULD",
      "pep3333-transmission/content-length.auto-len-1 MAY",
      "pep3333-transmission/chunked.compliant MUST",
      "pep3333-transmission/stream.no-delay MUST NOT",
      "pep3333-transmission/body.bytes-only RECORD",
      "rfc3875-environ/cgi.request-method MUST",
      "rfc3875-environ/cgi.repeats-merged MUST",
      "rfc3875-environ/cgi.underscore-collision RECORD",
      "rfc9110-connections/conn.keepalive-11 SHOULD",
      "rfc9110-connections/conn.close-honoured MUST",
      "rfc9110-connections/conn.pipeline-order MUST",
      "rfc9110-connections/expect.100-not-to-10 MUST NOT",
      "rfc9110-connections/hop.connection-listed-removed MUST",
      "rfc9110-connections/hop.known-removed SHOULD",
      "rfc9110-connections/via.added MUST",
      "rfc9112-framing/host.missing-400 MUST",
      "rfc9112-framing/host.duplicate-400 MUST",
      "rfc9112-framing/cl.non-digit MUST",
      "rfc9112-framing/te.with-cl MUST",
      "rfc9112-framing/chunk.extension-ignored MUST",
      "rfc9112-framing/chunk.size-syntax SHOULD",
      "rfc9112-framing/field.space-before-colon MUST",
      "rfc9112-framing/field.obs-fold MUST",
      "rfc9112-framing/framing.head MUST NOT",
      "rfc9112-framing/framing.204-1xx MUST NOT",
      "rfc9112-framing/framing.304 PROSE",
    ]
  `)
})
