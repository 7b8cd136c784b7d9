import { fault } from '../faults.ts'
import { has, without } from '../messages.ts'
import { strict } from '../strict/index.ts'

const OBSERVED = { cache: true, observed: true }

export default [
  fault('cache.set-cookie-policy', 'stores responses with their cookies', { storesSetCookie: () => true }, OBSERVED),

  fault(
    'cache.cookie-request-policy',
    'looks nothing up for a client with a cookie',
    {
      looksUp(request) {
        return !has(request.fields, 'cookie') && strict.looksUp.call(this, request)
      },
    },
    OBSERVED,
  ),

  fault(
    'cache.poison-unkeyed',
    'keeps X-Original-URL to itself',
    {
      forwardedRequestFields(request) {
        return without(strict.forwardedRequestFields.call(this, request), 'x-original-url')
      },
    },
    OBSERVED,
  ),

  fault(
    'cache.poison-body',
    'looks up and stores what is answered to GET with content',
    {
      looksUp(request) {
        return strict.looksUp.call(this, { ...request, framing: 'none' })
      },
    },
    OBSERVED,
  ),

  fault(
    'cache.deception',
    'stores style sheets, whatever they say',
    {
      isStorable(request, head) {
        return request.path.endsWith('.css') || strict.isStorable.call(this, request, head)
      },
      use(stored, request, now) {
        return request.path.endsWith('.css') ? 'fresh' : strict.use.call(this, stored, request, now)
      },
    },
    { ...OBSERVED, name: 'extension' },
  ),

  fault(
    'cache.deception',
    'takes /./ in a path for /',
    {
      cacheKey(request) {
        return strict.cacheKey.call(this, request).replace('/./', '/')
      },
    },
    { ...OBSERVED, name: 'dot' },
  ),
]
