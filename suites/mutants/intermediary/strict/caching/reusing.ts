import type { Caching, Conduct } from '../../conduct.ts'
import { has, members, valuesOf, withField, without } from '../../messages.ts'

/** Metadata of a body that a 304 does not have (RFC 9110 §15.4.5). */
const NOT_IN_304 = ['content-type', 'content-encoding', 'content-language', 'content-length', 'content-range']

type Reusing =
  | 'isNotModified'
  | 'weaklyMatches'
  | 'notModifiedFields'
  | 'ranges'
  | 'ifRangeHolds'
  | 'rangeFields'
  | 'reusedFields'
  | 'cacheStatus'

/** What is answered from a stored response, by RFC 9110 §13 and §14, RFC 9111 §4 and RFC 9211. */
export const reusing: Pick<Caching, Reusing> & ThisType<Conduct> = {
  isNotModified({ head }, { fields }) {
    if (head.status !== 200) return false
    if (has(fields, 'if-none-match')) {
      const tag = valuesOf(head.fields, 'etag')[0]
      const wanted = members(fields, 'if-none-match')
      return wanted.includes('*') || (tag !== undefined && wanted.some((each) => this.weaklyMatches(each, tag)))
    }
    const dates = valuesOf(fields, 'if-modified-since')
    const since = dates.length === 1 ? this.httpDate(dates[0]!) : undefined
    // Without Last-Modified, when it was made is what is known of it (RFC 9111 §4.3.2).
    const modified = this.httpDate((valuesOf(head.fields, 'last-modified')[0] ?? valuesOf(head.fields, 'date')[0])!)
    return since !== undefined && modified !== undefined && modified <= since
  },

  weaklyMatches: (one, other) => one.replace(/^W\//, '') === other.replace(/^W\//, ''),

  notModifiedFields: (fields) => without(fields, ...NOT_IN_304),

  ranges(stored, request) {
    const { head, body } = stored
    const [range = '', ...more] = valuesOf(request.fields, 'range')
    const [, set] = /^bytes=(.+)$/i.exec(range) ?? []
    if (set === undefined || more.length > 0 || request.method !== 'GET' || head.status !== 200) return undefined
    if (!this.ifRangeHolds(stored, request)) return undefined
    const parts = set.split(',').map((each) => /^(?:(\d+)-(\d*)|-(\d+))$/.exec(each.trim()))
    const found: (readonly [number, number])[] = []
    for (const part of parts) {
      if (part === null) return undefined
      const [, from, to, suffix] = part
      const first = from === undefined ? Math.max(0, body.length - Number(suffix)) : Number(from)
      const last = to === undefined || to === '' ? body.length - 1 : Math.min(Number(to), body.length - 1)
      if (to !== undefined && to !== '' && Number(to) < first) return undefined
      if (first <= last) found.push([first, last])
    }
    return found.length === 0 ? 'unsatisfiable' : found
  },

  // A strong comparison (RFC 9110 §13.1.5); a date is strong when it is a second older than the response (§8.8.2.2).
  ifRangeHolds({ head }, { fields }) {
    const condition = valuesOf(fields, 'if-range')[0]
    if (condition === undefined) return true
    if (/^(W\/)?"/.test(condition)) return !condition.startsWith('W/') && condition === valuesOf(head.fields, 'etag')[0]
    const modified = valuesOf(head.fields, 'last-modified')[0]
    const date = this.httpDate(valuesOf(head.fields, 'date')[0] ?? '')
    return condition === modified && date !== undefined && (this.httpDate(modified ?? '') ?? Infinity) <= date - 1000
  },

  rangeFields: ({ fields }) => fields,

  reusedFields(stored, now) {
    return withField(stored.head.fields, 'Age', String(Math.floor(this.age(stored, now))))
  },

  cacheStatus({ hit, forwarded, status, stored, collapsed }) {
    const told = [
      'strict-cache',
      ...(hit ? ['hit'] : [`fwd=${forwarded}`]),
      ...(status === undefined ? [] : [`fwd-status=${status}`]),
      ...(stored ? ['stored'] : []),
      ...(collapsed ? ['collapsed'] : []),
    ]
    return told.join('; ')
  },
}
