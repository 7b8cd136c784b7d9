import { fault } from '../faults.ts'
import { without } from '../messages.ts'
import { strict } from '../strict/index.ts'

export default [
  fault('cache.stores', 'stores nothing', { isStorable: () => false }, { cache: true, blocks: true }),

  fault(
    'cache.cache-status',
    'does not say what the cache did',
    { cacheStatus: () => undefined },
    { cache: true, observed: true },
  ),

  fault(
    'cache.directives-forwarded',
    'keeps what the client says of caching to itself',
    {
      forwardedRequestFields(request) {
        return without(strict.forwardedRequestFields.call(this, request), 'cache-control')
      },
    },
    { name: 'request' },
  ),

  fault(
    'cache.directives-forwarded',
    'passes on the first directive of a response alone',
    {
      endToEndResponseFields(fields) {
        return strict.endToEndResponseFields
          .call(this, fields)
          .map(([name, value]) => [name, /^cache-control$/i.test(name) ? value.replace(/,.*/, '') : value])
      },
    },
    { name: 'response' },
  ),
]
