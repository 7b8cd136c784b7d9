import type { Caching, Conduct } from '../../conduct.ts'
import { has, without } from '../../messages.ts'
import { listedBy } from './directives.ts'

/** Statuses whose meaning this cache knows (RFC 9110 §15). */
const UNDERSTOOD = new Set([
  ...[200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 305, 307, 308],
  ...[400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426],
  ...[500, 501, 502, 503, 504, 505],
])
/** Statuses that may be stored without saying so (RFC 9110 §15.1), but for 206, of which this cache stores nothing. */
const BY_DEFAULT = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
/** Fields for one proxy (RFC 9111 §3.1). */
const PROXY_FIELDS = ['proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization']

type Storing =
  | 'isStorable'
  | 'isMethodCacheable'
  | 'understandsStatus'
  | 'forbidsStoring'
  | 'authorizationAllows'
  | 'isWorthStoring'
  | 'storesSetCookie'
  | 'storedFields'
  | 'mergedTrailers'
  | 'storesCut'

/** What a shared cache stores, by RFC 9111 §3. */
export const storing: Pick<Caching, Storing> & ThisType<Conduct> = {
  isStorable(request, head) {
    return (
      this.isMethodCacheable(request.method) &&
      head.status !== 206 &&
      head.status !== 304 &&
      !this.forbidsStoring(request, head) &&
      this.authorizationAllows(request, head) &&
      this.isWorthStoring(head) &&
      this.storesSetCookie(head)
    )
  },

  isMethodCacheable: (method) => method === 'GET',

  understandsStatus: (status) => UNDERSTOOD.has(status),

  forbidsStoring(request, head) {
    const said = this.responseDirectives(head.fields)
    const understood = this.understandsStatus(head.status)
    if (said.has('must-understand') && !understood) return true
    // Where must-understand is understood, no-store beside it is for caches that do not know it (§5.2.2.3).
    const noStore = said.has('no-store') && !said.has('must-understand')
    return noStore || said.get('private') === true || this.directives(request.fields).has('no-store')
  },

  authorizationAllows(request, head) {
    if (!has(request.fields, 'authorization')) return true
    const said = this.responseDirectives(head.fields)
    return said.has('public') || said.has('s-maxage') || said.has('must-revalidate')
  },

  isWorthStoring({ status, fields }) {
    const said = this.responseDirectives(fields)
    if (['max-age', 's-maxage', 'no-cache'].some((name) => said.has(name)) || has(fields, 'expires')) return true
    // Without a lifetime it can only be validated.
    const validator = has(fields, 'etag') || has(fields, 'last-modified')
    return validator && (BY_DEFAULT.has(status) || said.has('public'))
  },

  // Nothing forbids it, but whoever sets a cookie seldom means it for everybody (§7.3).
  storesSetCookie: ({ fields }) => !has(fields, 'set-cookie'),

  storedFields({ fields }) {
    const said = this.responseDirectives(fields)
    const listed = [...(listedBy(said, 'no-cache') ?? []), ...(listedBy(said, 'private') ?? [])]
    return without(this.endToEndResponseFields(fields), ...PROXY_FIELDS, ...listed)
  },

  // §3.1 of RFC 9111 leaves it to fields that say so, and none does.
  mergedTrailers: () => [],

  storesCut: () => false,
}
