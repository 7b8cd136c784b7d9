import { fault } from '../faults.ts'
import { members, valuesOf, withField, without } from '../messages.ts'
import { strict } from '../strict/index.ts'

const CACHE = { cache: true }

export default [
  fault(
    'cache.age-generated',
    'does not say how old a response is while it is young',
    {
      reusedFields(stored, now) {
        const fields = strict.reusedFields.call(this, stored, now)
        return this.age(stored, now) < 60 ? without(fields, 'age') : fields
      },
    },
    { ...CACHE, name: 'none', also: ['cache.request-time'] },
  ),

  fault(
    'cache.age-generated',
    'says of every young response that it is new',
    {
      reusedFields(stored, now) {
        const fields = strict.reusedFields.call(this, stored, now)
        return this.age(stored, now) < 60 ? withField(fields, 'Age', '0') : fields
      },
    },
    { ...CACHE, name: 'zero', also: ['cache.request-time'] },
  ),

  fault(
    'cache.age-sum-across-hops',
    'takes what comes from another cache for new',
    {
      ageValue(fields) {
        const age = strict.ageValue.call(this, fields)
        return age < 60 ? age : 0
      },
    },
    { ...CACHE, name: 'freshness', also: ['cache.age-list', 'cache.age-overflow'] },
  ),

  fault(
    'cache.age-sum-across-hops',
    'passes on the Age that it got',
    {
      reusedFields(stored, now) {
        const [age] = valuesOf(stored.head.fields, 'age')
        const fields = strict.reusedFields.call(this, stored, now)
        return age === '100' ? withField(fields, 'Age', age) : fields
      },
    },
    { ...CACHE, name: 'field', also: ['cache.age-list', 'cache.age-overflow'] },
  ),

  fault(
    'cache.age-list',
    'takes the last of several ages',
    {
      ageValue(fields) {
        return strict.ageValue.call(this, [['Age', members(fields, 'age').at(-1) ?? '']])
      },
    },
    CACHE,
  ),

  fault(
    'cache.age-invalid',
    'makes what it can of an Age that is no number',
    { ageValue: (fields) => Number.parseInt(members(fields, 'age')[0] ?? '', 10) || 0 },
    CACHE,
  ),

  fault(
    'cache.age-overflow',
    'keeps an Age in 32 bits, and lets it overflow',
    {
      ageValue(fields) {
        const [first = ''] = members(fields, 'age')
        return /^\d+$/.test(first) ? Number(BigInt.asIntN(32, BigInt(first))) : 0
      },
    },
    CACHE,
  ),

  fault(
    'cache.request-time',
    'counts the age of a response from its arrival',
    {
      age(stored, now) {
        return strict.age.call(this, { ...stored, requestedAt: stored.receivedAt }, now)
      },
    },
    CACHE,
  ),
]
