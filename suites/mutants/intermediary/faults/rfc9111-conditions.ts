import { fault } from '../faults.ts'
import { has, members, tokens, valuesOf, withField, without, type Fields } from '../messages.ts'
import { strict } from '../strict/index.ts'

const CACHE = { cache: true }
const NONE_MATCH = 'if-none-match'
const MODIFIED_SINCE = 'if-modified-since'

/** Decides about conditions as if the request had other fields. */
const asIf = (changed: (fields: Fields) => Fields) => ({
  isNotModified(this: typeof strict, ...[stored, request]: Parameters<typeof strict.isNotModified>) {
    return strict.isNotModified.call(this, stored, { ...request, fields: changed(request.fields) })
  },
})

export default [
  fault(
    'cache.evaluates-conditions',
    'ignores If-None-Match, and If-Modified-Since beside it',
    asIf((fields) => (has(fields, NONE_MATCH) ? without(fields, NONE_MATCH, MODIFIED_SINCE) : fields)),
    CACHE,
  ),

  fault(
    'cache.ims-by-date',
    'ignores If-Modified-Since for what has no Last-Modified',
    {
      isNotModified(stored, request) {
        const isDated = has(stored.head.fields, 'last-modified') || has(request.fields, NONE_MATCH)
        return isDated && strict.isNotModified.call(this, stored, request)
      },
    },
    CACHE,
  ),

  fault(
    'inm.before-ims',
    'answers 304 only when both conditions say so',
    {
      isNotModified(stored, request) {
        const { fields } = request
        const says = (without_: string): boolean =>
          strict.isNotModified.call(this, stored, { ...request, fields: without(fields, without_) })
        const isBoth = has(fields, NONE_MATCH) && has(fields, MODIFIED_SINCE)
        return isBoth ? says(NONE_MATCH) && says(MODIFIED_SINCE) : says('')
      },
    },
    { ...CACHE, name: 'both' },
  ),

  fault(
    'inm.before-ims',
    'prefers If-Modified-Since to If-None-Match',
    asIf((fields) => (has(fields, MODIFIED_SINCE) ? without(fields, NONE_MATCH) : fields)),
    { ...CACHE, name: 'date-first' },
  ),

  fault(
    'inm.weak-compare',
    'compares entity tags to the letter',
    { weaklyMatches: (one, other) => one === other },
    CACHE,
  ),

  fault(
    'inm.list',
    'takes a list of entity tags for one',
    asIf((fields) => (members(fields, NONE_MATCH).length > 1 ? withField(fields, 'If-None-Match', '"none"') : fields)),
    { ...CACHE, name: 'list' },
  ),

  fault(
    'inm.list',
    'does not know "*" in If-None-Match',
    asIf((fields) => (tokens(fields, NONE_MATCH).includes('*') ? without(fields, NONE_MATCH) : fields)),
    { ...CACHE, name: 'star' },
  ),

  fault(
    'ims.invalid-ignored',
    'reads If-Modified-Since leniently',
    asIf((fields) => {
      const time = Date.parse(valuesOf(fields, MODIFIED_SINCE)[0] ?? '')
      return Number.isNaN(time) ? fields : withField(fields, 'If-Modified-Since', new Date(time).toUTCString())
    }),
    CACHE,
  ),

  fault(
    'ims.date-formats',
    'reads only the preferred format of dates in If-Modified-Since',
    asIf((fields) =>
      /^\w{3}, .* GMT$/.test(valuesOf(fields, MODIFIED_SINCE)[0] ?? '') ? fields : without(fields, MODIFIED_SINCE),
    ),
    CACHE,
  ),

  fault(
    '304.fields',
    'leaves Vary out of a 304',
    {
      notModifiedFields(fields) {
        return without(strict.notModifiedFields.call(this, fields), 'vary')
      },
    },
    CACHE,
  ),

  fault(
    '304.no-other-metadata',
    'sends the Content-Language in a 304',
    {
      notModifiedFields(fields) {
        const kept = strict.notModifiedFields.call(this, fields)
        return [...kept, ...fields.filter(([name]) => name.toLowerCase() === 'content-language')]
      },
    },
    CACHE,
  ),

  fault(
    'conditions.origin-only',
    'answers If-Match itself with 412',
    {
      ownAnswer(request) {
        const isLost = has(request.fields, 'if-match')
        return isLost ? this.refusal(412, 'the precondition failed') : strict.ownAnswer.call(this, request)
      },
    },
    CACHE,
  ),

  fault(
    'conditions.only-2xx',
    'answers conditions with 304 whatever the status of the stored response',
    {
      isNotModified(stored, request) {
        return strict.isNotModified.call(this, { ...stored, head: { ...stored.head, status: 200 } }, request)
      },
    },
    CACHE,
  ),

  fault('conditions.forwarded', 'drops If-None-Match, though it stores nothing', {
    endToEndRequestFields(fields) {
      return without(strict.endToEndRequestFields.call(this, fields), NONE_MATCH)
    },
  }),
]
