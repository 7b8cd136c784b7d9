import { httpDate } from '../judging/head.ts'
import { listed, those } from '../judging/inputs.ts'
import { AGED, revisit } from '../judging/reuse.ts'
import { atCache, FRESH, PLAIN_STORED, visits, type Asking } from '../judging/visits.ts'
import type { Experiment, Suite } from './index.ts'

const YEAR = 365 * 24 * 3600
/** How old a response is made by its Age field to see for how long it would be fresh, in seconds. */
const OLDER = {
  'a minute': 60,
  '10 minutes': 600,
  'an hour': 3600,
  'a day': 24 * 3600,
  'a month': 30 * 24 * 3600,
} as const
/** Clients that ask at once. */
const CROWD = 5
/** How long all of them may take to reach the origin, in milliseconds. */
const CROWD_WAIT = 1000
/** How long the origin takes for each after the first, in milliseconds. */
const BUSY = 100

/** Statuses that RFC 9110 lets caches make up a lifetime for (§15.1), and some that it does not. */
const HEURISTIC = ['200', '203', '204', '300', '301', '308', '404', '405', '410', '414', '501']
const NOT_HEURISTIC = ['302', '307', '403', '500', '503']

/** For how long a response without a lifetime of its own is fresh, as `Age` shows it; undefined when it is not at all. */
async function madeUpLifetime(experiment: Experiment, fields: readonly string[]): Promise<string | undefined> {
  const isFresh = async (age: number): Promise<boolean> =>
    (await revisit(experiment, [...fields, `Date: ${httpDate()}`, ...(age > 0 ? [`Age: ${age}`] : [])])).reused
  const names = Object.keys(OLDER) as (keyof typeof OLDER)[]
  const [atAll, ...older] = await Promise.all([0, ...names.map((name) => OLDER[name])].map(isFresh))
  if (!atAll) return undefined
  const most = older.lastIndexOf(true)
  const least = most === -1 ? '' : `for more than ${names[most]}`
  const limit = names[most + 1]
  return [least, limit === undefined ? '' : `for at most ${limit}`].filter((each) => each !== '').join(', ')
}

/** Whether the cache believes an Age that the origin sends. */
async function believesAge(experiment: Experiment): Promise<boolean> {
  return !(await revisit(experiment, ['Cache-Control: max-age=60', 'Age: 100'])).reused
}

/** How many of a crowd that asks at once reach an origin that takes its time, and how the rest do. */
async function crowd(experiment: Experiment, fields: readonly string[]): Promise<string> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const later = { fields, after: { wait: BUSY } }
  const { nonce, ask } = visits(experiment, { fields, after: { until: released } }, later)
  const asked = Promise.all(Array.from({ length: CROWD }, () => ask()))
  // One that fails is told of when all are awaited.
  asked.catch(() => {})
  const atOnce = (await experiment.origin.received(nonce, CROWD, CROWD_WAIT)).length
  release()
  await asked
  const all = await experiment.origin.received(nonce)
  if (atOnce === CROWD) return 'each reaches the origin at once'
  if (all.length === 1) return 'one reaches the origin, the others wait for its answer'
  if (all.length < CROWD) return 'some reach the origin'
  const last = all.map(({ at }) => at).toSorted((one, other) => one - other)
  // One after another, each would wait for the answer to the one before.
  const serial = last.slice(2).every((at, index) => at - last[index + 1]! >= BUSY * 0.9)
  return `one reaches the origin, then the others follow${serial ? ' one after another' : ''}`
}

export default {
  name: 'rfc9111-choices',
  title: 'RFC 9111: what a cache does where it may choose',
  alone: true,
  clauses: {
    'cache.max-age-syntax': {
      level: 'RECORD',
      cites: 'RFC 9111 §4.2.1',
      says:
        'Caches are encouraged to consider responses that have invalid freshness information (e.g., a max-age directive ' +
        'with non-integer content) to be stale.',
      experiment:
        'Has responses say max-age in quotes, negative, broken, with a unit and without a value, and asks again at once.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const forms = [
          'max-age="60"',
          'max-age=-1',
          'max-age=60.5',
          'max-age=60s',
          'max-age=+60',
          'max-age=',
          'max-age',
        ]
        const reused = await those(
          forms,
          async (form) => (await revisit(experiment, [`Cache-Control: ${form}`])).reused,
        )
        return {
          saw: `reused: ${listed(reused)}; not reused: ${listed(forms.filter((form) => !reused.includes(form)))}`,
        }
      },
    },

    'cache.grace-default': {
      level: 'RECORD',
      cites: 'RFC 9111 §3',
      says:
        'Note that, in normal operation, some caches will not store a response that has neither a cache validator nor an ' +
        'explicit expiration time, as such responses are not usually useful to store. However, caches are not prohibited ' +
        'from storing such responses.',
      experiment:
        'Asks twice for a response that says nothing of its lifetime, and at growing ages by its Age field; and again for one ' +
        'of max-age=1 two seconds later.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const [lifetime, believes, stale] = await Promise.all([
          madeUpLifetime(experiment, []),
          believesAge(experiment),
          revisit(experiment, ['Cache-Control: max-age=1'], { pause: AGED }),
        ])
        const kept = lifetime === undefined ? 'not reused' : `reused${believes ? ` ${lifetime}` : ''}`
        const after = stale.reused ? 'still shown, once at least' : 'not shown any more'
        return { saw: `a response that says nothing is ${kept}; one whose lifetime is over is ${after}` }
      },
    },

    'cache.heuristic-bounds': {
      level: 'RECORD',
      cites: 'RFC 9111 §4.2.2',
      says:
        'Since origin servers do not always provide explicit expiration times, a cache MAY assign a heuristic expiration ' +
        'time when an explicit time is not specified, employing algorithms that use other field values (such as the ' +
        'Last-Modified time) to estimate a plausible expiration time.',
      experiment:
        'Asks twice for responses of many statuses that were last modified a year ago and say nothing of their lifetime, and ' +
        'for those of 200 at growing ages by their Age field.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const fields = [`Last-Modified: ${httpDate(-YEAR)}`]
        const [reused, lifetime, believes] = await Promise.all([
          those([...HEURISTIC, ...NOT_HEURISTIC], async (status) => {
            const made = { status: `${status} Lab`, fields }
            return (await revisit(experiment, made)).reused
          }),
          madeUpLifetime(experiment, fields),
          believesAge(experiment),
        ])
        if (reused.length === 0) return { saw: 'none is reused, whatever its status' }
        const long = believes && lifetime !== undefined ? `, 200 ${lifetime}` : ''
        return { saw: `reused${long}: ${listed(reused)}` }
      },
    },

    'cache.request-directives': {
      level: 'RECORD',
      cites: 'RFC 9111 §5.2.1',
      says: 'This section defines cache request directives. They are advisory; caches MAY implement them, but are not required to.',
      experiment:
        'Asks for a stored fresh response with no-cache, max-age=0, min-fresh and "Pragma: no-cache", for a stale one with ' +
        'max-stale, and for one that is not stored with only-if-cached: 504 honours that.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const asking = (field: string): Asking => ({ fields: [field] })
        const fresh = [
          'Cache-Control: no-cache',
          'Cache-Control: max-age=0',
          'Cache-Control: min-fresh=3600',
          'Pragma: no-cache',
        ]
        const isStaleShown = async (later: Asking): Promise<boolean> =>
          (await revisit(experiment, ['Cache-Control: max-age=1'], { pause: AGED, asking: later })).reused
        const [honoured, shown, anyway, missed] = await Promise.all([
          those(fresh, async (field) => {
            const { reused } = await revisit(experiment, [FRESH], { asking: asking(field) })
            return !reused
          }),
          isStaleShown(asking('Cache-Control: max-stale=60')),
          isStaleShown({}),
          visits(experiment, [FRESH]).ask(asking('Cache-Control: only-if-cached')),
        ])
        const all = [...fresh, 'Cache-Control: max-stale=60', 'Cache-Control: only-if-cached']
        const kept = [
          ...honoured,
          ...(shown && !anyway ? ['Cache-Control: max-stale=60'] : []),
          ...(missed.number === undefined && missed.answer.head?.status === 504
            ? ['Cache-Control: only-if-cached']
            : []),
        ]
        const bare = (fields: readonly string[]): string =>
          listed(fields.map((field) => field.replace('Cache-Control: ', '')))
        return { saw: `honoured: ${bare(kept)}; ignored: ${bare(all.filter((field) => !kept.includes(field)))}` }
      },
    },

    'cache.collapse': {
      level: 'RECORD',
      cites: 'RFC 9111 §4',
      says:
        'This enables a cache to collapse requests — or combine multiple incoming requests into a single forward request ' +
        'upon a cache miss — thereby reducing load on the origin server and network.',
      experiment:
        'Asks five times at once for a response that is not stored yet, of an origin that takes its time: for one that may be ' +
        'stored, and for one that may not; and counts the requests at the origin.',
      applies: atCache,
      async check(experiment) {
        const [storable, other] = await Promise.all(
          ['max-age=60', 'no-store'].map((directives) => crowd(experiment, [`Cache-Control: ${directives}`])),
        )
        return { saw: `of five clients ${storable}; for what may not be stored, ${other}` }
      },
    },
  },
} satisfies Suite
