import { fault } from '../faults.ts'
import { valuesOf, withField, without } from '../messages.ts'
import { strict } from '../strict/index.ts'

const CACHE = { cache: true }

export default [
  fault(
    'cache.key-method-uri',
    'leaves the query out of the key',
    {
      cacheKey(request) {
        return strict.cacheKey.call(this, request).replace(/\?.*/, '')
      },
    },
    { ...CACHE, name: 'query' },
  ),

  fault(
    'cache.key-method-uri',
    'leaves the host out of the key',
    { cacheKey: ({ path }) => path },
    { ...CACHE, name: 'host', also: ['cache.key-authority'] },
  ),

  fault(
    'cache.key-authority',
    'has the Host field in the key, though the target names another',
    {
      cacheKey(request) {
        return strict.cacheKey.call(this, { ...request, authority: valuesOf(request.fields, 'host')[0] ?? '' })
      },
    },
    CACHE,
  ),

  fault(
    'cache.fields-stored',
    'does not store fields it does not know',
    {
      storedFields(head) {
        return without(strict.storedFields.call(this, head), 'x-lab')
      },
    },
    CACHE,
  ),

  fault(
    'cache.date-kept',
    'dates stored answers anew',
    {
      reusedFields(stored, now) {
        return withField(strict.reusedFields.call(this, stored, now), 'Date', new Date(now).toUTCString())
      },
    },
    CACHE,
  ),

  fault(
    'cache.status-kept',
    'serves a stored status that it does not know as 500',
    {
      chosen(all) {
        const found = strict.chosen.call(this, all)
        return found && found.head.status === 299 ? { ...found, head: { ...found.head, status: 500 } } : found
      },
    },
    CACHE,
  ),

  fault(
    'cache.hop-fields-not-stored',
    'stores Proxy-Authenticate',
    {
      storedFields(head) {
        const own = head.fields.filter(([name]) => name.toLowerCase() === 'proxy-authenticate')
        return [...strict.storedFields.call(this, head), ...own]
      },
    },
    CACHE,
  ),

  fault(
    'cache.connection-listed-not-stored',
    'stores what Connection lists',
    {
      storedFields(head) {
        const listed = this.connectionOptions(head.fields)
        const own = head.fields.filter(([name]) => listed.includes(name.toLowerCase()))
        return [...strict.storedFields.call(this, head), ...own]
      },
    },
    CACHE,
  ),

  fault(
    'cache.trailers-not-merged',
    'stores trailer fields among the header fields',
    { mergedTrailers: (trailers) => trailers },
    CACHE,
  ),
]
