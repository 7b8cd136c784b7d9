import type { Stored } from '../conduct.ts'
import { fault } from '../faults.ts'
import { has, members, withField, without } from '../messages.ts'
import { strict } from '../strict/index.ts'

const CACHE = { cache: true }
const NONE_MATCH = 'if-none-match'
const MODIFIED_SINCE = 'if-modified-since'

export default [
  fault(
    'cache.revalidate-etag',
    'validates by date though it has an entity tag',
    {
      validatingFields(fields, stored) {
        return without(strict.validatingFields.call(this, fields, stored), NONE_MATCH)
      },
    },
    CACHE,
  ),

  fault(
    'cache.revalidate-etag-lm',
    'validates by entity tag alone',
    {
      validatingFields(fields, stored) {
        const all = strict.validatingFields.call(this, fields, stored)
        return has(all, NONE_MATCH) ? without(all, MODIFIED_SINCE) : all
      },
    },
    CACHE,
  ),

  fault(
    'cache.validates-with-own-condition',
    'adds its own entity tag to those of the client',
    {
      validatingFields(fields, stored) {
        const all = strict.validatingFields.call(this, fields, stored)
        const tags = [...members(fields, NONE_MATCH), ...members(all, NONE_MATCH)]
        return tags.length === 0 ? all : withField(all, 'If-None-Match', tags.join(', '))
      },
    },
    { ...CACHE, observed: true },
  ),

  fault(
    'cache.304-to-client',
    'passes a 304 for its own condition on to a client that has another',
    () => {
      const confirmed = new WeakSet<Stored>()
      return {
        updated(...all) {
          const stored = strict.updated.call(this, ...all)
          confirmed.add(stored)
          return stored
        },
        isNotModified(stored, request) {
          const isOurs = confirmed.delete(stored) && has(request.fields, NONE_MATCH)
          return isOurs || strict.isNotModified.call(this, stored, request)
        },
      }
    },
    CACHE,
  ),

  fault(
    'cache.304-updates',
    'takes no new fields from a 304',
    {
      updated(stored, ...others) {
        const all = strict.updated.call(this, stored, ...others)
        const known = all.head.fields.filter(([name]) => has(stored.head.fields, name))
        return { ...all, head: { ...all.head, fields: known } }
      },
    },
    { ...CACHE, name: 'new-fields' },
  ),

  fault(
    'cache.304-updates',
    'keeps the old values of all but Date and Cache-Control',
    {
      updated(stored, head, ...times) {
        const taken = head.fields.filter(([name]) => /^(date|cache-control|etag)$/i.test(name))
        return strict.updated.call(this, stored, { ...head, fields: taken }, ...times)
      },
    },
    { ...CACHE, name: 'old-values', also: ['cache.head-freshen'] },
  ),

  fault(
    'cache.304-of-other',
    'takes every 304 for a confirmation',
    { confirms: (_, { status }) => status === 304 },
    CACHE,
  ),

  fault('cache.head-freshen', 'learns nothing from responses to HEAD', { headSays: () => undefined }, CACHE),

  fault(
    'cache.head-freshen',
    'does not doubt what a response to HEAD contradicts',
    {
      headSays(stored, head) {
        return strict.headSays.call(this, stored, head) === 'update' ? 'update' : undefined
      },
    },
    { ...CACHE, name: 'contradiction' },
  ),
]
