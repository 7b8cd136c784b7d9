import { gotValues } from '../judging/answer.ts'
import { sentValues } from '../judging/received.ts'
import { requireAsked } from '../judging/relay.ts'
import { atCache, FRESH, PLAIN_STORED, requireFirst, visits } from '../judging/visits.ts'
import { demand, type Suite } from './index.ts'

/** The directives of Cache-Control values: split at commas that are not quoted. */
const directives = (all: readonly string[]): readonly string[] =>
  all
    .join(',')
    .match(/(?:"[^"]*"|[^,"])+/g)
    ?.map((each) => each.trim()) ?? []

/** Directives that mean something to some caches, and one that means nothing to any. */
const ASKED = ['max-age=30', 'no-transform', 'x-lab="a, b"']
const ANSWERED = ['max-age=60', 'no-transform', 'stale-while-revalidate=5', 'must-revalidate', 'x-lab="a, b"']

/** The directives that are not among those of these Cache-Control values. */
function without(wanted: readonly string[], told: readonly string[]): readonly string[] {
  const there = directives(told)
  return wanted.filter((each) => !there.includes(each))
}

export default {
  name: 'caching-basics',
  title: 'Caching: whether there is a cache, what it says, and what it passes on',
  alone: true,
  clauses: {
    'cache.stores': {
      level: 'PROSE',
      cites: 'RFC 9111 §2',
      says:
        'Although caching is an entirely OPTIONAL feature of HTTP, it can be assumed that reusing a cached response is ' +
        'desirable and that such reuse is the default behavior when no requirement or local configuration prevents it.',
      experiment: 'Asks twice for a page that is fresh for a minute, and expects the origin to be asked once.',
      applies: atCache,
      async check(experiment) {
        const { ask, again, requests } = visits(experiment, [FRESH])
        requireFirst(await ask())
        const isStored = (await again(1)).number === 1
        demand(isStored, `a response with ${FRESH} was fetched from the origin each time`)
        const before = (await requests()).length
        await ask()
        demand((await requests()).length === before, 'a stored response was served, and the origin asked as well')
      },
    },

    'cache.cache-status': {
      level: 'RECORD',
      cites: 'RFC 9211 §2',
      says: 'The Cache-Status HTTP response header field indicates how caches have handled that response and its corresponding request.',
      experiment: 'Looks for Cache-Status in an answer that is fetched and in one that is stored.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const { ask, again } = visits(experiment, [FRESH])
        const told: string[] = []
        for (const [when, { answer: got }] of [
          ['fetched', await ask()],
          ['stored', await again(1)],
        ] as const) {
          const status = gotValues(got, 'cache-status')
          const last = status.join(', ').split(',').at(-1)!.trim()
          const parameters = last
            .split(';')
            .slice(1)
            .map((each) => each.trim().split(/=(?=\d|-)/)[0]!)
          told.push(`${when}: ${status.length === 0 ? 'none' : parameters.join(', ')}`)
        }
        return {
          saw: told.every((each) => each.endsWith('none'))
            ? 'no Cache-Status'
            : `Cache-Status when ${told.join('; when ')}`,
        }
      },
    },

    'cache.directives-forwarded': {
      level: 'MUST',
      cites: 'RFC 9111 §5.2',
      says:
        'A proxy, whether or not it implements a cache, MUST pass cache directives through in forwarded messages, regardless ' +
        'of their significance to that application, since the directives might apply to all recipients along the ' +
        'request/response chain.',
      experiment:
        'Sends directives that are known and unknown with a request and with the response, and looks which arrive; also in ' +
        'the stored answer.',
      async check(experiment) {
        const { ask, again, requests } = visits(experiment, [`Cache-Control: ${ANSWERED.join(', ')}`])
        const first = await ask({ fields: [`Cache-Control: ${ASKED.join(', ')}`] })
        requireFirst(first)
        const received = requireAsked({ ...first, requests: await requests() })
        const missing = {
          'the origin was not told': without(ASKED, sentValues(received, 'cache-control')),
          'the client was not told': without(ANSWERED, gotValues(first.answer, 'cache-control')),
          'the next client was not told': without(ANSWERED, gotValues((await again(1)).answer, 'cache-control')),
        }
        const told = Object.entries(missing).flatMap(([who, each]) =>
          each.length > 0 ? [`${who} ${each.join(', ')}`] : [],
        )
        demand(told.length === 0, told.join('; '))
      },
    },
  },
} satisfies Suite
