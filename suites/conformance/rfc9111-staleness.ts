import { setTimeout as sleep } from 'node:timers/promises'
import { describe, gotValues } from '../judging/answer.ts'
import { isServerError, whileDown } from '../judging/failures.ts'
import { httpDate } from '../judging/head.ts'
import { ETAG } from '../judging/held.ts'
import { demandAll } from '../judging/inputs.ts'
import { AGED, BACKGROUND_WAIT, cacheControl, revisit, type Later, type Responses } from '../judging/reuse.ts'
import { atCache, PLAIN_STORED, requireFirst, visits, type Asked, type Says } from '../judging/visits.ts'
import { demand, type Experiment, type Suite } from './index.ts'

/** Until a lifetime and a window of one second each are over, by whatever clock. */
const OUTLIVED = 3100
const ERROR: Says = { status: '503 Service Unavailable', fields: [] }

/** A response by its Cache-Control field, and how it is asked for again. */
type Attempts = Readonly<Record<string, readonly [directives: string, later: Later]>>

/** The same responses, asked for again in some circumstances that end their names. */
function attempts(directives: readonly string[], later: Later, circumstances = ''): Attempts {
  return Object.fromEntries(directives.map((each) => [`"${each}"${circumstances}`, [each, later]]))
}

/** Demands that none of these responses is given to a second client unless the origin has said yes. */
async function demandValidated(experiment: Experiment, all: Attempts): Promise<void> {
  await demandAll(experiment, all, async (own, [directives, later], name) => {
    const { reused } = await revisit(own, [`Cache-Control: ${directives}`, ETAG], later)
    demand(!reused, `the stored response was shown: ${name}`)
  })
}

/** Has these responses stored and grown old, and tells what comes of asking for each while the origin is down. */
async function staleWhileDown<T>(
  experiment: Experiment,
  responses: Responses,
  look: (asked: Asked, name: string) => T,
): Promise<readonly T[]> {
  const all = Object.entries(responses).map(([name, fields]) => ({ name, page: visits(experiment, fields) }))
  await Promise.all(all.map(async ({ page }) => requireFirst(await page.ask())))
  await sleep(AGED, undefined, { signal: experiment.signal })
  return whileDown(experiment, () => Promise.all(all.map(async ({ name, page }) => look(await page.ask(), name))))
}

/** What a cache does with two requests for a stale response while the origin takes its time. */
async function whileRevalidated(
  experiment: Experiment,
  directives: string,
): Promise<{ readonly stale: readonly boolean[]; readonly fetches: number; readonly renewed: boolean }> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const first = [`Cache-Control: ${directives}`]
  const { nonce, ask } = visits(experiment, first, { fields: first, after: { until: released } })
  requireFirst(await ask())
  await sleep(AGED, undefined, { signal: experiment.signal })
  const asked = Promise.all(
    [0, 1].map(async (index) => {
      // Each as soon as the one before has made the cache ask, or has its answer.
      await sleep(index * BACKGROUND_WAIT, undefined, { signal: experiment.signal })
      return (await ask()).number === 1
    }),
  )
  // One that fails is told of when both are awaited.
  asked.catch(() => {})
  await sleep(2 * BACKGROUND_WAIT, undefined, { signal: experiment.signal }).finally(release)
  const stale = await asked
  // On a busy machine the second client's request may reach the origin only now.
  const fetches = (await experiment.origin.received(nonce)).length - 1
  // What it fetched in the background is stored in its own time.
  const deadline = performance.now() + BACKGROUND_WAIT
  let renewed = false
  while (!renewed && performance.now() < deadline) renewed = ((await ask()).number ?? 1) > 1
  return { stale, fetches, renewed }
}

export default {
  name: 'rfc9111-staleness',
  title: 'RFC 9111 and RFC 5861: when a cache shows a stale response',
  alone: true,
  clauses: {
    'cache.no-cache-revalidates': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §5.2.2.4',
      says:
        'The no-cache response directive, in its unqualified form (without an argument), indicates that the response MUST NOT ' +
        'be used to satisfy any other request without forwarding it for validation and receiving a successful response; see ' +
        'Section 4.3.',
      experiment:
        'Has responses say no-cache, beside max-age in any order and field, and asks again: the origin must have answered, ' +
        'and when it answers 503 the stored response may not be shown.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const directives = ['no-cache', 'no-cache, max-age=60', 'max-age=60, no-cache', 'public, s-maxage=60, no-cache']
        await demandValidated(experiment, {
          ...attempts(directives, {}),
          ...attempts(directives, { next: ERROR }, ' in place of 503'),
        })
        const { reused } = await revisit(experiment, ['Cache-Control: max-age=60', 'Cache-Control: no-cache'])
        demand(!reused, 'the stored response was shown: max-age=60 and no-cache in fields of their own')
      },
    },

    'cache.no-cache-fields': {
      level: 'MUST',
      cites: 'RFC 9111 §5.2.2, §5.2.2.4',
      says:
        'A cache MUST obey the Cache-Control directives defined in this section. [...] The qualified form of the no-cache ' +
        'response directive, with an argument that lists one or more field names, indicates that a cache MAY use the ' +
        'response to satisfy a subsequent request, subject to any other restrictions on caching, if the listed header ' +
        'fields are excluded from the subsequent response or the subsequent response has been successfully revalidated ' +
        'with the origin server',
      experiment:
        'Has responses name X-Lab-Once in no-cache="...", and asks again: a stored one may not show that field.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const forms = ['max-age=60, no-cache="X-Lab-Once"', 'no-cache="x-lab-other, x-lab-once", max-age=60']
        await demandAll(experiment, cacheControl(...forms), async (own, fields, name) => {
          const { reused, answer } = await revisit(own, [...fields, 'X-Lab-Once: one'])
          const shown = gotValues(answer, 'x-lab-once').length > 0
          demand(!reused || !shown, `reused without asking the origin, X-Lab-Once and all: a response with ${name}`)
        })
      },
    },

    'cache.stale-unpermitted': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §4.2.4',
      says:
        'A cache MUST NOT generate a stale response unless it is disconnected or doing so is explicitly permitted by the ' +
        'client or origin server (e.g., by the max-stale request directive [...], extension directives such as those defined ' +
        'in [RFC5861], or configuration in accordance with an out-of-band contract).',
      experiment:
        'Has a response live for a second, by max-age and by Expires, and asks again two seconds later of an origin that is ' +
        'well: its new answer must come.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const responses = {
          'max-age=1': ['Cache-Control: max-age=1'],
          'Expires after a second': [`Date: ${httpDate()}`, `Expires: ${httpDate(1)}`],
        }
        await demandAll(experiment, responses, async (own, fields, name) => {
          const { reused } = await revisit(own, fields, { pause: AGED })
          demand(!reused, `shown ${AGED / 1000} s later, with nobody's permission: a response with ${name}`)
        })
      },
    },

    'cache.stale-forbidden': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §4.2.4',
      says:
        'A cache MUST NOT generate a stale response if it is prohibited by an explicit in-protocol directive (e.g., by a ' +
        'no-cache response directive, a must-revalidate response directive, or an applicable s-maxage or proxy-revalidate ' +
        'response directive; see Section 5.2.2).',
      experiment:
        'Has responses live for a second with must-revalidate, proxy-revalidate or s-maxage, and asks again two seconds ' +
        'later, also with max-stale and with an origin that answers 503: the stored one may not be shown.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const directives = ['max-age=1, must-revalidate', 'max-age=1, proxy-revalidate', 's-maxage=1']
        const willing = { fields: ['Cache-Control: max-stale=60'] }
        await demandValidated(experiment, {
          ...attempts(directives, { pause: AGED }),
          ...attempts(directives, { pause: AGED, asking: willing }, ' to a client that says max-stale=60'),
          ...attempts(directives, { pause: AGED, next: ERROR }, ' in place of 503'),
        })
      },
    },

    'cache.must-revalidate-wins': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §5.2.2.2',
      says: 'In all circumstances, a cache MUST NOT ignore the must-revalidate directive',
      experiment:
        'Has responses say must-revalidate beside stale-while-revalidate or stale-if-error, and asks again when their second ' +
        'is over, of an origin that answers 503 in the latter case: the stored one may not be shown.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const background = ['max-age=1, must-revalidate, stale-while-revalidate=60']
        const errors = ['max-age=1, must-revalidate, stale-if-error=60']
        await demandValidated(experiment, {
          ...attempts(background, { pause: AGED }),
          ...attempts(errors, { pause: AGED, next: ERROR }, ' in place of 503'),
        })
      },
    },

    'cache.stale-disconnected': {
      level: 'MUST',
      cites: 'RFC 9111 §5.2.2.2',
      says:
        'In all circumstances, a cache MUST NOT ignore the must-revalidate directive; in particular, if a cache is ' +
        'disconnected, the cache MUST generate an error response rather than reuse the stale response. The generated status ' +
        'code SHOULD be 504 (Gateway Timeout) unless another error status code is more applicable.',
      experiment:
        'Has responses live for a second with must-revalidate, proxy-revalidate or s-maxage, or say no-cache, takes the ' +
        'origin down and asks again: an error must come.',
      exclusive: true,
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const directives = ['max-age=1, must-revalidate', 'max-age=1, proxy-revalidate', 's-maxage=1', 'no-cache']
        const plain = cacheControl(...directives)
        const tagged = Object.fromEntries(
          Object.entries(plain).map(([name, fields]) => [`${name} with an ETag`, [...fields, ETAG]]),
        )
        const statuses = new Set<number>()
        const looked = await staleWhileDown(experiment, { ...plain, ...tagged }, ({ number, answer }, name) => {
          if (number !== undefined) return [name]
          if (!isServerError(answer)) return [`${name}: ${describe(answer)}`]
          statuses.add(answer.head!.status)
          return []
        })
        const shown = looked.flat()
        demand(shown.length === 0, `no error, with the origin down, in place of a response with ${shown.join(', ')}`)
        const other = [...statuses].filter((status) => status !== 504)
        // 502 and 503 may well be more applicable.
        if (other.length > 0) return { saw: `an error, ${other.toSorted().join(' and ')} in place of 504` }
      },
    },

    'cache.swr': {
      level: 'MAY',
      cites: 'RFC 5861 §3',
      says:
        'When present in an HTTP response, the stale-while-revalidate Cache-Control extension indicates that caches MAY serve ' +
        'the response in which it appears after it becomes stale, up to the indicated number of seconds.',
      experiment:
        'Has a response live for a second with stale-while-revalidate=60, and two seconds later asks twice of an origin that ' +
        'takes its time: which client is given the stale response, and how often the origin is asked.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const { stale, fetches, renewed } = await whileRevalidated(experiment, 'max-age=1, stale-while-revalidate=60')
        const [first, second] = stale.map((each) => (each ? 'is given the stale response' : 'waits'))
        const clients = first === second ? `each client ${first}` : `the first client ${first}, the second ${second}`
        const origin = `the origin is asked ${fetches > 1 ? 'for each' : 'once'}`
        return { saw: `${clients}; ${origin}${renewed ? '' : ', and its new answer is not stored'}` }
      },
    },

    'cache.swr-background': {
      level: 'SHOULD',
      cites: 'RFC 5861 §3',
      says:
        'If a cached response is served stale due to the presence of this extension, the cache SHOULD attempt to revalidate ' +
        'it while still serving stale responses (i.e., without blocking).',
      experiment:
        'Has a stale response served under stale-while-revalidate, and looks for a request at the origin meanwhile.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const { stale, fetches, renewed } = await whileRevalidated(experiment, 'max-age=1, stale-while-revalidate=60')
        if (!stale.includes(true)) return { saw: 'no stale response is served' }
        demand(fetches > 0, 'a stale response was served, but the origin was not asked')
        demand(renewed, 'a stale response was served, and once more after the origin had given a new one')
      },
    },

    'cache.swr-window': {
      level: 'SHOULD NOT',
      cites: 'RFC 5861 §3',
      says:
        'If delta-seconds passes without the cached entity being revalidated, it SHOULD NOT continue to be served stale, ' +
        'absent other information.',
      experiment: 'Has a response live for a second with stale-while-revalidate=1, and asks again three seconds later.',
      dependsOn: 'cache.stale-unpermitted',
      applies: atCache,
      async check(experiment) {
        const outlived = attempts(
          ['max-age=1, stale-while-revalidate=1'],
          { pause: OUTLIVED },
          ` ${OUTLIVED / 1000} s later`,
        )
        await demandValidated(experiment, outlived)
      },
    },

    'cache.sie': {
      level: 'MAY',
      cites: 'RFC 5861 §4',
      says:
        'The stale-if-error Cache-Control extension indicates that when an error is encountered, a cached stale response MAY ' +
        'be used to satisfy the request, regardless of other freshness information.',
      experiment:
        'Has responses with and without stale-if-error=60 grow stale, and asks again of an origin that answers 500, 502, 503, ' +
        '504 or 404, or closes the connection.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const failures: Readonly<Record<string, Says>> = {
          ...Object.fromEntries(
            ['500', '502', '503', '504', '404'].map((status) => [status, { status: `${status} Lab`, fields: [] }]),
          ),
          'a closed connection': { steps: ['close'] },
        }
        const stoodIn = async (directives: string): Promise<string> => {
          const each = Object.entries(failures).map(async ([name, next]) => {
            const { reused } = await revisit(experiment, [`Cache-Control: ${directives}`], { pause: AGED, next })
            return reused ? [name] : []
          })
          return (await Promise.all(each)).flat().join(', ') || 'nothing'
        }
        const [told, untold] = await Promise.all(['max-age=1, stale-if-error=60', 'max-age=1'].map(stoodIn))
        return { saw: `a stale response stands in for ${told}; without stale-if-error for ${untold}` }
      },
    },

    'cache.sie-down': {
      level: 'MAY',
      cites: 'RFC 5861 §4',
      says:
        'The stale-if-error Cache-Control extension indicates that when an error is encountered, a cached stale response MAY ' +
        'be used to satisfy the request, regardless of other freshness information.',
      experiment: 'Has responses with and without stale-if-error=60 grow stale, takes the origin down, and asks again.',
      exclusive: true,
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const responses = cacheControl('max-age=1, stale-if-error=60', 'max-age=1')
        const seen = await staleWhileDown(experiment, responses, ({ number, answer }) =>
          number === 1 ? 'the stale response' : describe(answer),
        )
        return { saw: `with the origin down: ${seen[0]}; without stale-if-error: ${seen[1]}` }
      },
    },

    'cache.sie-window': {
      level: 'SHOULD NOT',
      cites: 'RFC 5861 §4',
      says:
        'Its value indicates the upper limit to staleness; when the cached response is more stale than the indicated amount, ' +
        'the cached response SHOULD NOT be used to satisfy the request, absent other information.',
      experiment:
        'Has a response live for a second with stale-if-error=1, and three seconds later asks again of an origin that answers ' +
        '503.',
      dependsOn: 'cache.stale-unpermitted',
      applies: atCache,
      async check(experiment) {
        const later = { pause: OUTLIVED, next: ERROR }
        const when = ` in place of 503 ${OUTLIVED / 1000} s later`
        await demandValidated(experiment, attempts(['max-age=1, stale-if-error=1'], later, when))
      },
    },
  },
} satisfies Suite
