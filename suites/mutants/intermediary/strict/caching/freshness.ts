import type { Caching, Conduct, Directives } from '../../conduct.ts'
import { has, members, valuesOf, type Fields } from '../../messages.ts'
import { listedBy } from './directives.ts'

type Freshness =
  | 'lifetime'
  | 'heuristicLifetime'
  | 'ageValue'
  | 'age'
  | 'isFresh'
  | 'use'
  | 'requestWantsValidation'
  | 'responseWantsValidation'
  | 'onlyIfCached'
  | 'forbidsStale'
  | 'mayServeStale'

/** How long a response may be reused, by RFC 9111 §4.2 and §5.2, and RFC 5861. */
export const freshness: Pick<Caching, Freshness> & ThisType<Conduct> = {
  lifetime(stored) {
    const { fields } = stored.head
    const said = this.responseDirectives(fields)
    const explicit = seconds(this, said, 's-maxage') ?? seconds(this, said, 'max-age')
    if (explicit !== undefined) return explicit
    if (!has(fields, 'expires')) return this.heuristicLifetime(stored)
    const expires = date(this, fields, 'expires')
    // An invalid date is in the past (§5.3).
    if (expires === undefined) return 0
    return Math.max(0, (expires - (date(this, fields, 'date') ?? stored.receivedAt)) / 1000)
  },

  heuristicLifetime: () => 0,

  ageValue(fields) {
    const [first = ''] = members(fields, 'age')
    return /^\d+$/.test(first) ? Math.min(Number(first), 2 ** 31) : 0
  },

  // §4.2.3. Dates have whole seconds only: what is received in the second of its Date has no apparent age.
  age({ head, requestedAt, receivedAt }, now) {
    const dated = date(this, head.fields, 'date')
    const apparent = dated === undefined ? 0 : Math.max(0, Math.floor(receivedAt / 1000) - dated / 1000)
    const corrected = this.ageValue(head.fields) + (receivedAt - requestedAt) / 1000
    return Math.max(apparent, corrected) + (now - receivedAt) / 1000
  },

  isFresh(stored, now) {
    return this.lifetime(stored) > this.age(stored, now)
  },

  use(stored, request, now) {
    if (this.responseWantsValidation(stored) || this.requestWantsValidation(stored, request, now)) return 'validate'
    if (this.isFresh(stored, now) || this.mayServeStale(stored, request, 'client', now)) return 'fresh'
    return this.mayServeStale(stored, request, 'while-revalidate', now) ? 'stale-while-revalidate' : 'validate'
  },

  requestWantsValidation(stored, request, now) {
    const wanted = this.directives(request.fields)
    if (wanted.has('no-cache')) return true
    const age = this.age(stored, now)
    const oldest = seconds(this, wanted, 'max-age')
    const left = seconds(this, wanted, 'min-fresh')
    return (oldest !== undefined && age > oldest) || (left !== undefined && this.lifetime(stored) - age < left)
  },

  responseWantsValidation({ head }) {
    const said = this.responseDirectives(head.fields)
    return said.has('no-cache') && listedBy(said, 'no-cache') === undefined
  },

  onlyIfCached(request) {
    return this.directives(request.fields).has('only-if-cached')
  },

  forbidsStale(stored) {
    const said = this.responseDirectives(stored.head.fields)
    const forbidding = ['must-revalidate', 'proxy-revalidate', 's-maxage']
    return forbidding.some((name) => said.has(name)) || this.responseWantsValidation(stored)
  },

  mayServeStale(stored, request, excuse, now) {
    if (this.forbidsStale(stored) || this.requestWantsValidation(stored, request, now)) return false
    const said = this.responseDirectives(stored.head.fields)
    const wanted = this.directives(request.fields)
    const since = this.age(stored, now) - this.lifetime(stored)
    if (excuse === 'client')
      return wanted.get('max-stale') === true || (seconds(this, wanted, 'max-stale') ?? -1) >= since
    if (excuse === 'while-revalidate') return (seconds(this, said, 'stale-while-revalidate') ?? -1) >= since
    return Math.max(seconds(this, said, 'stale-if-error') ?? -1, seconds(this, wanted, 'stale-if-error') ?? -1) >= since
  },
}

/** Seconds that a directive gives; undefined when it is not there. */
function seconds(conduct: Conduct, directives: Directives, name: string): number | undefined {
  const argument = directives.get(name)
  return argument === undefined ? undefined : conduct.deltaSeconds(argument)
}

/** The date that a field gives; undefined when there is none or it is invalid. */
function date(conduct: Conduct, fields: Fields, name: string): number | undefined {
  const text = valuesOf(fields, name)[0]
  return text === undefined ? undefined : conduct.httpDate(text)
}
