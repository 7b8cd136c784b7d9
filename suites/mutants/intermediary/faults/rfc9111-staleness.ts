import { fault } from '../faults.ts'
import { has, type Fields } from '../messages.ts'
import { strict } from '../strict/index.ts'

const CACHE = { cache: true }
const OBSERVED = { cache: true, observed: true }
/** How long this cache shows stale responses where it has no business to, in seconds. */
const GRACE = 10

export default [
  fault(
    'cache.no-cache-revalidates',
    'overlooks no-cache beside s-maxage',
    {
      responseWantsValidation(stored) {
        const said = this.responseDirectives(stored.head.fields)
        return !said.has('s-maxage') && strict.responseWantsValidation.call(this, stored)
      },
    },
    { ...CACHE, name: 'beside' },
  ),

  fault(
    'cache.no-cache-revalidates',
    'shows what says no-cache in place of an error',
    {
      mayServeStale(stored, request, excuse, now) {
        const isExcused = excuse === 'error' && this.responseWantsValidation(stored)
        return isExcused || strict.mayServeStale.call(this, stored, request, excuse, now)
      },
    },
    { ...CACHE, name: 'error' },
  ),

  fault(
    'cache.no-cache-fields',
    'stores fields that no-cache lists',
    {
      storedFields(head) {
        const responseDirectives = (fields: Fields) =>
          new Map([...this.responseDirectives(fields)].filter(([name]) => name !== 'no-cache'))
        return strict.storedFields.call({ ...this, responseDirectives }, head)
      },
    },
    CACHE,
  ),

  fault(
    'cache.stale-unpermitted',
    'shows what it cannot validate for a while longer',
    {
      mayServeStale(stored, request, excuse, now) {
        const isPlain = !has(stored.head.fields, 'etag') && !has(stored.head.fields, 'last-modified')
        const isGraced = this.age(stored, now) - this.lifetime(stored) < GRACE && this.lifetime(stored) > 0
        if (excuse === 'while-revalidate' && isPlain && isGraced && !this.forbidsStale(stored)) return true
        return strict.mayServeStale.call(this, stored, request, excuse, now)
      },
    },
    { ...CACHE, also: ['cache.swr-window', 'cache.sie-window'] },
  ),

  fault(
    'cache.stale-forbidden',
    'overlooks proxy-revalidate',
    {
      forbidsStale(stored) {
        const said = this.responseDirectives(stored.head.fields)
        return !said.has('proxy-revalidate') && strict.forbidsStale.call(this, stored)
      },
    },
    { ...CACHE, name: 'proxy-revalidate' },
  ),

  fault(
    'cache.stale-forbidden',
    'shows stale what was stored by s-maxage',
    {
      forbidsStale(stored) {
        const said = this.responseDirectives(stored.head.fields)
        return !said.has('s-maxage') && strict.forbidsStale.call(this, stored)
      },
    },
    { ...CACHE, name: 's-maxage', also: ['cache.no-cache-revalidates'] },
  ),

  fault(
    'cache.must-revalidate-wins',
    'follows stale-while-revalidate beside must-revalidate',
    {
      mayServeStale(stored, request, excuse, now) {
        const own = excuse === 'while-revalidate' ? { ...this, forbidsStale: () => false } : this
        return strict.mayServeStale.call(own, stored, request, excuse, now)
      },
    },
    { ...CACHE, name: 'while-revalidate' },
  ),

  fault(
    'cache.must-revalidate-wins',
    'follows stale-if-error beside must-revalidate',
    {
      mayServeStale(stored, request, excuse, now) {
        const isGiven = this.responseDirectives(stored.head.fields).has('stale-if-error')
        const own = excuse === 'error' && isGiven ? { ...this, forbidsStale: () => false } : this
        return strict.mayServeStale.call(own, stored, request, excuse, now)
      },
    },
    { ...CACHE, name: 'if-error' },
  ),

  fault(
    'cache.stale-disconnected',
    'shows what it has when the origin cannot be reached',
    {
      mayServeStale(stored, request, excuse, now) {
        return excuse === 'unreachable' || strict.mayServeStale.call(this, stored, request, excuse, now)
      },
    },
    CACHE,
  ),

  fault(
    'cache.swr',
    'does not know stale-while-revalidate',
    {
      mayServeStale(stored, request, excuse, now) {
        return excuse !== 'while-revalidate' && strict.mayServeStale.call(this, stored, request, excuse, now)
      },
    },
    OBSERVED,
  ),

  fault(
    'cache.swr-background',
    'shows stale responses without asking for new ones',
    {
      use(stored, request, now) {
        const use = strict.use.call(this, stored, request, now)
        return use === 'stale-while-revalidate' ? 'fresh' : use
      },
    },
    CACHE,
  ),

  fault(
    'cache.swr-window',
    'does not mind for how long stale-while-revalidate is given',
    {
      mayServeStale(stored, request, excuse, now) {
        const isGiven = this.responseDirectives(stored.head.fields).has('stale-while-revalidate')
        if (excuse === 'while-revalidate') return isGiven && !this.forbidsStale(stored)
        return strict.mayServeStale.call(this, stored, request, excuse, now)
      },
    },
    CACHE,
  ),

  fault('cache.sie', 'takes 503 alone for an error', { isServerError: (status) => status === 503 }, OBSERVED),

  fault(
    'cache.sie-down',
    'shows nothing stale when the origin cannot be reached',
    {
      mayServeStale(stored, request, excuse, now) {
        return excuse !== 'unreachable' && strict.mayServeStale.call(this, stored, request, excuse, now)
      },
    },
    OBSERVED,
  ),

  fault(
    'cache.sie-window',
    'does not mind for how long stale-if-error is given',
    {
      mayServeStale(stored, request, excuse, now) {
        const isGiven = this.responseDirectives(stored.head.fields).has('stale-if-error')
        if (excuse === 'error') return isGiven && !this.forbidsStale(stored)
        return strict.mayServeStale.call(this, stored, request, excuse, now)
      },
    },
    CACHE,
  ),
]
