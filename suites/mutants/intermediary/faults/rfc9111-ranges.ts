import { fault } from '../faults.ts'
import { has, valuesOf, withField, without } from '../messages.ts'
import { strict } from '../strict/index.ts'

const CACHE = { cache: true }

/** Reads the Range of a request as if it were another. */
const asIf = (changed: (range: string) => string) => ({
  ranges(this: typeof strict, ...[stored, request]: Parameters<typeof strict.ranges>) {
    const range = valuesOf(request.fields, 'range')[0]
    const fields = range === undefined ? request.fields : withField(request.fields, 'Range', changed(range))
    return strict.ranges.call(this, stored, { ...request, fields })
  },
})

export default [
  fault(
    'range.single',
    'sends the first bytes where the last are asked for',
    asIf((range) => range.replace(/=-(\d{1,4})$/, (_, length) => `=0-${Number(length) - 1}`)),
    CACHE,
  ),

  fault(
    'range.satisfiable',
    'answers 416 to several ranges',
    {
      ranges(stored, request) {
        const ranges = strict.ranges.call(this, stored, request)
        return Array.isArray(ranges) && valuesOf(request.fields, 'range').join().includes(',')
          ? 'unsatisfiable'
          : ranges
      },
    },
    CACHE,
  ),

  fault(
    'range.206-fields',
    'leaves Vary out of a 206',
    { rangeFields: ({ status, fields }) => (status === 206 ? without(fields, 'vary') : fields) },
    { ...CACHE, name: 'caching' },
  ),

  fault(
    'range.206-fields',
    'leaves Content-Language out of a 206 that no If-Range asked for',
    { rangeFields: ({ status, fields }) => (status === 206 ? without(fields, 'content-language') : fields) },
    { ...CACHE, name: 'metadata' },
  ),

  fault(
    'range.overflow',
    'reads positions as integers of 32 bits',
    asIf((range) => range.replaceAll(/\d+/g, (digits) => `${BigInt(digits) & 0xffff_ffffn}`)),
    CACHE,
  ),

  fault(
    'range.416',
    'does not tell the length in a 416',
    {
      rangeFields: ({ status, fields }) => (status === 416 ? without(fields, 'content-range') : fields),
    },
    CACHE,
  ),

  fault(
    'range.multi',
    'has a Content-Range for all of several parts',
    {
      rangeFields: ({ fields }) =>
        has(fields, 'content-range') ? fields : [...fields, ['Content-Range', 'bytes 0-4/999']],
    },
    { ...CACHE, name: 'for-all' },
  ),

  fault(
    'range.multi',
    'names another boundary than it sends',
    {
      rangeFields: ({ fields }) =>
        has(fields, 'content-range') ? fields : withField(fields, 'Content-Type', 'multipart/byteranges; boundary=lab'),
    },
    { ...CACHE, name: 'boundary' },
  ),

  fault(
    'ifrange.mismatch-200',
    'takes every entity tag in If-Range for the stored one',
    {
      ifRangeHolds(stored, request) {
        const isTag = /"/.test(valuesOf(request.fields, 'if-range')[0] ?? '')
        return isTag || strict.ifRangeHolds.call(this, stored, request)
      },
    },
    CACHE,
  ),

  fault(
    'ifrange.match-206',
    'ignores Range beside If-Range',
    { ifRangeHolds: (_, { fields }) => !has(fields, 'if-range') },
    CACHE,
  ),

  fault(
    'ifrange.weak-date',
    'takes a date within the second of the response for a strong validator',
    {
      ifRangeHolds(stored, request) {
        const isSame = valuesOf(request.fields, 'if-range')[0] === valuesOf(stored.head.fields, 'last-modified')[0]
        return isSame || strict.ifRangeHolds.call(this, stored, request)
      },
    },
    CACHE,
  ),

  fault(
    'range.after-conditions',
    'ignores conditions when there is a Range',
    {
      isNotModified(stored, request) {
        return !has(request.fields, 'range') && strict.isNotModified.call(this, stored, request)
      },
    },
    { ...CACHE, name: 'conditions' },
  ),

  fault(
    'range.after-conditions',
    'sends ranges of errors',
    {
      ranges(stored, request) {
        return strict.ranges.call(this, { ...stored, head: { ...stored.head, status: 200 } }, request)
      },
    },
    { ...CACHE, name: 'status' },
  ),

  fault(
    'range.non-get-ignored',
    'heeds Range in HEAD',
    {
      ranges(stored, request) {
        return strict.ranges.call(this, stored, { ...request, method: 'GET' })
      },
    },
    CACHE,
  ),
]
