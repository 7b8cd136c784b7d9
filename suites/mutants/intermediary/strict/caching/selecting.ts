import type { Caching, Conduct, Stored } from '../../conduct.ts'
import { has, tokens, valuesOf } from '../../messages.ts'

const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE']
/** Conditions that are for the origin alone (RFC 9111 §4.3.2). */
const FOR_THE_ORIGIN = ['if-match', 'if-unmodified-since']

type Selecting =
  | 'cacheKey'
  | 'looksUp'
  | 'varyMatches'
  | 'comparable'
  | 'chosen'
  | 'invalidated'
  | 'invalidates'
  | 'collapses'

/** Which stored response answers which request, and which becomes invalid, by RFC 9111 §2, §4.1 and §4.4. */
export const selecting: Pick<Caching, Selecting> & ThisType<Conduct> = {
  cacheKey: ({ authority, path }) => `http://${authority.toLowerCase()}${path}`,

  looksUp: ({ method, fields, framing }) =>
    (method === 'GET' || method === 'HEAD') && framing === 'none' && !FOR_THE_ORIGIN.some((name) => has(fields, name)),

  varyMatches(stored, request) {
    const names = tokens(stored.head.fields, 'vary')
    const said = (fields: Stored['request']['fields'], name: string): string =>
      this.comparable(valuesOf(fields, name), name)
    return (
      !names.includes('*') && names.every((name) => said(stored.request.fields, name) === said(request.fields, name))
    )
  },

  // Lines are joined, and whitespace around commas does not count; that is all that is known of any field.
  comparable: (values) => (values.length === 0 ? 'absent' : `=${values.join(',').replaceAll(/[ \t]*,[ \t]*/g, ',')}`),

  chosen(stored) {
    const date = ({ head, receivedAt }: Stored): number =>
      this.httpDate(valuesOf(head.fields, 'date')[0] ?? '') ?? receivedAt
    return stored.toSorted((one, other) => date(one) - date(other) || one.receivedAt - other.receivedAt).at(-1)
  },

  invalidates: ({ method }, { status }) => !SAFE.includes(method) && status >= 200 && status < 400,

  invalidated(request, { fields }) {
    const key = this.cacheKey(request)
    const others = ['location', 'content-location'].flatMap((name) => valuesOf(fields, name))
    const base = URL.parse(key)
    const sameOrigin = others.flatMap((value) => {
      const url = base && URL.parse(value, base)
      return url && url.origin === base.origin
        ? [`http://${request.authority.toLowerCase()}${url.pathname}${url.search}`]
        : []
    })
    return [key, ...sameOrigin]
  },

  collapses: ({ method }) => method === 'GET',
}
