import { fault } from '../faults.ts'
import { has, valuesOf, without } from '../messages.ts'
import { parsed } from '../strict/caching/directives.ts'
import { strict } from '../strict/index.ts'

const CACHE = { cache: true }
const OBSERVED = { cache: true, observed: true }

export default [
  fault(
    'cache.store-conditions',
    'answers OPTIONS from the store',
    {
      isMethodCacheable: (method) => method === 'GET' || method === 'OPTIONS',
      looksUp(request) {
        return request.method === 'OPTIONS' || strict.looksUp.call(this, request)
      },
      cacheKey(request) {
        return `${request.method === 'OPTIONS' ? 'OPTIONS ' : ''}${strict.cacheKey.call(this, request)}`
      },
    },
    { ...CACHE, name: 'method' },
  ),

  fault(
    'cache.store-conditions',
    'keeps redirects that say nothing of how long they live',
    {
      isWorthStoring(head) {
        return head.status === 302 || strict.isWorthStoring.call(this, head)
      },
      heuristicLifetime: ({ head }) => (head.status === 302 ? 60 : 0),
    },
    { ...CACHE, name: 'status' },
  ),

  fault(
    'cache.store-304',
    'stores what was answered to a client that has the page already',
    {
      isStorable(request, head) {
        return strict.isStorable.call(this, request, head.status === 304 ? { ...head, status: 200 } : head)
      },
    },
    CACHE,
  ),

  fault(
    'cache.no-store',
    'overlooks no-store in a second line',
    {
      responseDirectives(fields) {
        const said = strict.responseDirectives.call(this, fields)
        const [first = '', ...more] = valuesOf(fields, 'cache-control')
        return new Map([...said].filter(([name]) => more.length === 0 || name !== 'no-store' || first.includes(name)))
      },
    },
    CACHE,
  ),

  fault(
    'cache.request-no-store',
    'stores answers to requests with no-store',
    {
      forbidsStoring(request, head) {
        return strict.forbidsStoring.call(this, { ...request, fields: without(request.fields, 'cache-control') }, head)
      },
    },
    OBSERVED,
  ),

  fault(
    'cache.private',
    'overlooks private beside max-age',
    {
      forbidsStoring(request, head) {
        const said = this.responseDirectives(head.fields)
        const overlooked = said.get('private') === true && said.has('max-age')
        return !overlooked && strict.forbidsStoring.call(this, request, head)
      },
    },
    CACHE,
  ),

  fault(
    'cache.private-fields',
    'stores fields that private lists',
    {
      storedFields(head) {
        const responseDirectives = (fields: typeof head.fields) =>
          new Map([...this.responseDirectives(fields)].filter(([name]) => name !== 'private'))
        return strict.storedFields.call({ ...this, responseDirectives }, head)
      },
    },
    CACHE,
  ),

  fault(
    'cache.authorization',
    'shares what was answered to a client with credentials',
    { authorizationAllows: () => true },
    CACHE,
  ),

  fault(
    'cache.authorization-shared',
    'shares nothing that was answered to a client with credentials',
    { authorizationAllows: ({ fields }) => !has(fields, 'authorization') },
    OBSERVED,
  ),

  fault('cache.must-understand', 'believes that it knows every status', { understandsStatus: () => true }, CACHE),

  fault(
    'cache.must-understand-stores',
    'does not know must-understand',
    {
      forbidsStoring(request, head) {
        return this.responseDirectives(head.fields).has('no-store') || strict.forbidsStoring.call(this, request, head)
      },
    },
    OBSERVED,
  ),

  fault(
    'cache.cdn-cache-control',
    'follows whatever field ends in Cache-Control',
    {
      responseDirectives(fields) {
        const targeted = fields.find(([name]) => /-cache-control$/i.test(name))
        return targeted ? parsed(fields, targeted[0]) : strict.responseDirectives.call(this, fields)
      },
    },
    { ...CACHE, name: 'any' },
  ),

  fault(
    'cache.cdn-cache-control',
    'takes max-age from CDN-Cache-Control, but not no-store',
    {
      responseDirectives(fields) {
        const targeted = parsed(fields, 'cdn-cache-control')
        return targeted.has('max-age') ? targeted : strict.responseDirectives.call(this, fields)
      },
    },
    { ...CACHE, name: 'half' },
  ),

  fault(
    'cache.cdn-cache-control',
    'neither follows CDN-Cache-Control nor passes it on',
    {
      endToEndResponseFields(fields) {
        return without(strict.endToEndResponseFields.call(this, fields), 'cdn-cache-control')
      },
    },
    { ...CACHE, name: 'dropped' },
  ),

  fault(
    'cache.error-caching',
    'stores no errors of the server',
    {
      isStorable(request, head) {
        return head.status < 500 && strict.isStorable.call(this, request, head)
      },
    },
    OBSERVED,
  ),
]
