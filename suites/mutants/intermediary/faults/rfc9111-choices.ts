import { fault } from '../faults.ts'
import { has, valuesOf } from '../messages.ts'
import { strict } from '../strict/index.ts'

const OBSERVED = { cache: true, observed: true }

export default [
  fault(
    'cache.max-age-syntax',
    'reads numbers as far as they go',
    {
      deltaSeconds(argument) {
        return strict.deltaSeconds.call(this, /^\d+/.exec(String(argument))?.[0] ?? argument)
      },
    },
    OBSERVED,
  ),

  fault(
    'cache.grace-default',
    'gives two minutes to what says nothing',
    {
      isWorthStoring(head) {
        return head.status === 200 || strict.isWorthStoring.call(this, head)
      },
      heuristicLifetime({ head: { fields } }) {
        const isBare = !has(fields, 'cache-control') && !has(fields, 'etag') && !has(fields, 'last-modified')
        return isBare ? 120 : 0
      },
    },
    OBSERVED,
  ),

  fault(
    'cache.heuristic-bounds',
    'gives a tenth of the time for which it did not change to what says nothing',
    {
      heuristicLifetime({ head: { status, fields }, receivedAt }) {
        const modified = this.httpDate(valuesOf(fields, 'last-modified')[0] ?? '')
        const isPlain = status === 200 && !has(fields, 'etag')
        return isPlain && modified !== undefined ? (receivedAt - modified) / 10_000 : 0
      },
    },
    OBSERVED,
  ),

  fault(
    'cache.request-directives',
    'does not heed the directives of requests',
    { requestWantsValidation: () => false, onlyIfCached: () => false },
    OBSERVED,
  ),

  fault('cache.collapse', 'asks for each client', { collapses: () => false }, OBSERVED),
]
