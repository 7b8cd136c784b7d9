import type { Caching, Conduct } from '../../conduct.ts'
import { has, valuesOf, without, type Fields } from '../../messages.ts'

/** What describes the body itself: a 304 does not change it (RFC 9111 §3.2). */
const OF_THE_BODY = ['content-length', 'content-encoding', 'content-type', 'content-range']
const CONDITIONS = ['if-none-match', 'if-modified-since', 'if-range', 'range']

type Validating = 'validatingFields' | 'confirms' | 'updated' | 'headSays' | 'isServerError'

const first = (fields: Fields, name: string): string | undefined => valuesOf(fields, name)[0]

/** How stored responses are validated, by RFC 9111 §4.3. */
export const validating: Pick<Caching, Validating> & ThisType<Conduct> = {
  validatingFields(fields, { head }) {
    const tag = first(head.fields, 'etag')
    const modified = first(head.fields, 'last-modified')
    return [
      ...without(fields, ...CONDITIONS),
      ...(tag === undefined ? [] : [['If-None-Match', tag] as const]),
      ...(modified === undefined ? [] : [['If-Modified-Since', modified] as const]),
    ]
  },

  confirms(stored, { status, fields }) {
    const [one, other] = [first(stored.head.fields, 'etag'), first(fields, 'etag')]
    return status === 304 && (one === undefined || other === undefined || this.weaklyMatches(one, other))
  },

  updated(stored, head, requestedAt, receivedAt) {
    const news = without(this.withDate(this.storedFields(head)), ...OF_THE_BODY)
    const names = news.map(([name]) => name)
    const fields = [...without(stored.head.fields, 'age', ...names), ...news]
    return { ...stored, head: { ...stored.head, fields }, requestedAt, receivedAt }
  },

  // §4.3.5: what HEAD says is compared where it says something.
  headSays({ head, body }, { status, fields }) {
    if (status !== 200 || head.status !== 200) return undefined
    const same = ['etag', 'last-modified'].every(
      (name) => !has(fields, name) || first(fields, name) === first(head.fields, name),
    )
    const length = first(fields, 'content-length')
    return same && (length === undefined || Number(length) === body.length) ? 'update' : 'drop'
  },

  isServerError: (status) => [500, 502, 503, 504].includes(status),
}
