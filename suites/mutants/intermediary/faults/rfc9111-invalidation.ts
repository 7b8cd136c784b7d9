import { fault } from '../faults.ts'
import { has, valuesOf } from '../messages.ts'
import { strict } from '../strict/index.ts'

const CACHE = { cache: true }
const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

export default [
  fault(
    'cache.invalidate-unsafe',
    'keeps what is stored after unsafe requests',
    { invalidates: () => false },
    { ...CACHE, name: 'at-all', also: ['cache.invalidate-variants'] },
  ),

  fault(
    'cache.invalidate-unsafe',
    'takes methods that it does not know for safe',
    {
      invalidates(request, head) {
        const isKnown = ['POST', 'PUT', 'DELETE', 'PATCH'].includes(request.method)
        return isKnown && strict.invalidates.call(this, request, head)
      },
    },
    { ...CACHE, name: 'unknown' },
  ),

  fault(
    'cache.invalidate-unsafe',
    'takes redirections for errors',
    {
      invalidates(request, head) {
        return head.status < 300 && strict.invalidates.call(this, request, head)
      },
    },
    { ...CACHE, name: 'redirections' },
  ),

  fault(
    'cache.invalidate-variants',
    'invalidates only the response that fits the unsafe request',
    {
      cacheKey(request) {
        const key = strict.cacheKey.call(this, request)
        return has(request.fields, 'x-lab') ? `${key}#${valuesOf(request.fields, 'x-lab').join()}` : key
      },
    },
    CACHE,
  ),

  fault(
    'cache.invalidate-location',
    'invalidates the target alone',
    {
      invalidated(request) {
        return [this.cacheKey(request)]
      },
    },
    { ...CACHE, observed: true },
  ),

  fault(
    'cache.invalidate-other-origin',
    'invalidates what Location and Content-Location name wherever it is',
    {
      invalidated(request, head) {
        const named = ['location', 'content-location'].flatMap((name) => valuesOf(head.fields, name))
        return [...strict.invalidated.call(this, request, head), ...named]
      },
    },
    CACHE,
  ),

  fault(
    'cache.not-invalidate-on-error',
    'invalidates the target whatever comes of an unsafe request',
    { invalidates: ({ method }) => !SAFE.includes(method) },
    { ...CACHE, observed: true },
  ),

  fault(
    'cache.write-through',
    'stores responses to PATCH and answers PATCH with them',
    {
      isMethodCacheable(method) {
        return method === 'PATCH' || strict.isMethodCacheable.call(this, method)
      },
      looksUp(request) {
        return request.method === 'PATCH' || strict.looksUp.call(this, request)
      },
    },
    CACHE,
  ),
]
