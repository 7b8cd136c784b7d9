import { setTimeout as sleep } from 'node:timers/promises'
import { gotValues } from '../judging/answer.ts'
import { AGED, demandFresh, demandStale, type Responses } from '../judging/reuse.ts'
import { atCache, FRESH, PLAIN_STORED, requireFirst, STORED, visits, type Says } from '../judging/visits.ts'
import { demand, type Experiment, type Suite } from './index.ts'

/** How long an origin takes to answer, in milliseconds: even a clock of whole seconds notices. */
const SLOW = 2100
const SLOW_SECONDS = Math.floor(SLOW / 1000)

/** Demands one Age field with a value from one number to another. */
function demandAge(values: readonly string[], from: number, to: number, of: string): void {
  const said = values.length === 0 ? 'no Age' : `Age: ${values.join(' and ')}`
  const isOne = values.length === 1 && /^\d+$/.test(values[0]!)
  const right = isOne && Number(values[0]) >= from && Number(values[0]) <= to
  demand(right, `${of} was sent with ${said} in place of ${from} or a little more`)
}

/** The Age fields of a reused response, and the seconds that it was in the store, at the least and the most. */
async function agedReuse(
  experiment: Experiment,
  says: Says,
  pause: number,
): Promise<{ readonly values: readonly string[]; readonly least: number; readonly most: number } | undefined> {
  const { ask } = visits(experiment, says)
  const began = performance.now()
  requireFirst(await ask())
  const stored = performance.now()
  await sleep(pause, undefined, { signal: experiment.signal })
  const least = Math.floor((performance.now() - stored) / 1000)
  const got = await ask()
  if (got.number !== 1) return undefined
  // Both ends may be rounded by clocks of whole seconds.
  return { values: gotValues(got.answer, 'age'), least, most: Math.ceil((performance.now() - began) / 1000) + 1 }
}

export default {
  name: 'rfc9111-age',
  title: 'RFC 9111: how old a cache takes a response for, and how old it says it is',
  alone: true,
  clauses: {
    'cache.age-generated': {
      level: 'MUST',
      cites: 'RFC 9111 §4',
      says:
        'When a stored response is used to satisfy a request without validation, a cache MUST generate an Age header field ' +
        "(Section 5.1), replacing any present in the response with a value equal to the stored response's current_age; see " +
        'Section 4.2.3.',
      experiment: 'Has a response reused at once and two seconds later, and looks for one Age field that says so.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const reuses = await Promise.all([STORED, AGED].map((pause) => agedReuse(experiment, [FRESH], pause)))
        for (const reuse of reuses)
          if (reuse) demandAge(reuse.values, reuse.least, reuse.most, `a response stored for ${reuse.least} s`)
      },
    },

    'cache.age-sum-across-hops': {
      level: 'MUST',
      cites: 'RFC 9111 §4, §4.2.3',
      says:
        'When a stored response is used to satisfy a request without validation, a cache MUST generate an Age header field ' +
        "(Section 5.1), replacing any present in the response with a value equal to the stored response's current_age [...] " +
        'The Age value is therefore the sum of the time that the response has been resident in each of the caches along the ' +
        'path from the origin server, plus the time it has been in transit along network paths.',
      experiment:
        'Has responses arrive with Age: 100, as from a cache further in. One of max-age=60 is stale by then: the origin must ' +
        'be asked again. One of an hour, reused after two seconds, must say that it is 102 s old.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        await demandStale(experiment, {
          'max-age=60 that was 100 s old when it arrived': ['Cache-Control: max-age=60', 'Age: 100'],
        })
        const reuse = await agedReuse(experiment, ['Cache-Control: max-age=3600', 'Age: 100'], AGED)
        if (!reuse) return { saw: 'what arrives with an Age is not reused' }
        const { values, least, most } = reuse
        demandAge(
          values,
          100 + least,
          100 + most,
          `a response that arrived with Age: 100 and was stored for ${least} s`,
        )
      },
    },

    'cache.age-list': {
      level: 'SHOULD',
      cites: 'RFC 9111 §5.1',
      says:
        'Although it is defined as a singleton header field, a cache encountering a message with a list-based Age field ' +
        'value SHOULD use the first member of the field value, discarding subsequent ones.',
      experiment:
        'Has responses of max-age=60 arrive with an Age of 100 and 0, in one field and in two: the first says that they are ' +
        'stale. The other way round they are fresh.',
      dependsOn: 'cache.age-sum-across-hops',
      applies: atCache,
      async check(experiment) {
        const life = 'Cache-Control: max-age=60'
        await demandStale(experiment, {
          'max-age=60 and Age: 100, 0': [life, 'Age: 100, 0'],
          'max-age=60, Age: 100 and Age: 0': [life, 'Age: 100', 'Age: 0'],
        })
        await demandFresh(experiment, {
          'max-age=60 and Age: 0, 100': [life, 'Age: 0, 100'],
          'max-age=60, Age: 0 and Age: 100': [life, 'Age: 0', 'Age: 100'],
        })
      },
    },

    'cache.age-invalid': {
      level: 'SHOULD',
      cites: 'RFC 9111 §5.1',
      says:
        'If the field value (after discarding additional members, as per above) is invalid (e.g., it contains something ' +
        'other than a non-negative integer), a cache SHOULD ignore the field.',
      experiment:
        'Has responses of max-age=60 arrive with an Age that is no number, or a negative one: they must be reused; with ' +
        'max-age=1 the origin must be asked two seconds later.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const invalid = ['old', '-100', '100s', '100.5', '']
        const responses = (life: string): Responses =>
          Object.fromEntries(
            invalid.map((age) => [`${life} and "Age: ${age}"`, [`Cache-Control: ${life}`, `Age: ${age}`]]),
          )
        await demandFresh(experiment, responses('max-age=60'))
        await demandStale(experiment, responses('max-age=1'), AGED)
      },
    },

    'cache.age-overflow': {
      level: 'MUST',
      cites: 'RFC 9111 §1.2.2',
      says:
        'If a cache receives a delta-seconds value greater than the greatest integer it can represent, or if any of its ' +
        'subsequent calculations overflows, the cache MUST consider the value to be 2147483648 (2^31) or the greatest ' +
        'positive integer it can conveniently represent.',
      experiment:
        'Has responses of max-age=3600 arrive with an Age of 2 to the power of 31, 32, 63 and 64 and more: they are stale.',
      dependsOn: 'cache.age-sum-across-hops',
      applies: atCache,
      async check(experiment) {
        const ages = [2n ** 31n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 63n, 2n ** 64n, 2n ** 64n + 1n, 10n ** 25n]
        const old = ages.map((age) => [`max-age=3600 and Age: ${age}`, ['Cache-Control: max-age=3600', `Age: ${age}`]])
        await demandStale(experiment, Object.fromEntries(old) as Responses)
      },
    },

    'cache.request-time': {
      level: 'MUST',
      cites: 'RFC 9111 §4.2.3',
      says:
        'A cache MUST interpret this value relative to the time the request was initiated, not the time that the response ' +
        'was received.',
      experiment:
        'Has the origin take two seconds for a response that arrives with Age: 10, and looks at the Age of the reused ' +
        'response.',
      dependsOn: 'cache.age-generated',
      applies: atCache,
      async check(experiment) {
        const fields = ['Cache-Control: max-age=3600', 'Age: 10']
        const reuse = await agedReuse(experiment, { fields, after: { wait: SLOW } }, STORED)
        if (!reuse) return { saw: 'what arrives with an Age is not reused' }
        // The response is as old as it was when its cache sent it, but the request may have taken all the time.
        demandAge(
          reuse.values,
          10 + SLOW_SECONDS,
          10 + reuse.most,
          `a response of Age: 10 that took ${SLOW_SECONDS} s to arrive`,
        )
      },
    },
  },
} satisfies Suite
