import { fault } from '../faults.ts'
import { has } from '../messages.ts'
import { strict } from '../strict/index.ts'

const CACHE = { cache: true }

export default [
  fault(
    'cache.partial-store',
    'stores what was cut as if it were whole',
    { storesCut: () => true },
    { ...CACHE, name: 'cut' },
  ),

  fault(
    'cache.partial-store',
    'stores a range that was asked for as if it were the whole',
    {
      isStorable(request, head) {
        const status = has(request.fields, 'range') && head.status === 206 ? 200 : head.status
        return strict.isStorable.call(this, request, { ...head, status })
      },
    },
    { ...CACHE, name: 'range' },
  ),

  fault(
    'cache.unasked-206',
    'stores a range that nobody asked for',
    {
      isStorable(request, head) {
        const status = !has(request.fields, 'range') && head.status === 206 ? 200 : head.status
        return strict.isStorable.call(this, request, { ...head, status })
      },
    },
    CACHE,
  ),

  fault(
    'cache.range-from-stored',
    'serves no ranges of what is stored',
    { ranges: () => undefined },
    { ...CACHE, observed: true },
  ),
]
