import { randomUUID } from 'node:crypto'
import type { Answer } from './answers.ts'
import { wholeBody } from './bodies.ts'
import type { Conduct, Stored } from './conduct.ts'
import { valuesOf, withField, without, type Fields, type Request } from './messages.ts'

/** The answer to a request from a stored response: all of it, a part, or that it has not changed. */
export function reused(stored: Stored, request: Request, conduct: Conduct): Answer {
  const fields = withField(conduct.reusedFields(stored, Date.now()), 'Content-Length', String(stored.body.length))
  if (conduct.isNotModified(stored, request)) {
    const said = conduct.notModifiedFields(fields)
    return { head: { version: 'HTTP/1.1', status: 304, reason: 'Not Modified', fields: said }, body: empty() }
  }
  const ranges = conduct.ranges(stored, request)
  if (ranges !== undefined) {
    const answer =
      ranges === 'unsatisfiable' ? unsatisfiable(fields, stored.body.length) : partial(stored, fields, ranges)
    return { ...answer, head: { ...answer.head, fields: conduct.rangeFields(answer.head) } }
  }
  const { status, reason } = stored.head
  return { head: { version: 'HTTP/1.1', status, reason, fields }, body: wholeBody(stored.body) }
}

const empty = (): Answer['body'] => wholeBody(Buffer.alloc(0))

function unsatisfiable(fields: Fields, length: number): Answer {
  const kept = without(fields, 'content-length', 'content-type', 'content-encoding', 'etag', 'last-modified')
  const all: Fields = [...kept, ['Content-Range', `bytes */${length}`]]
  return { head: { version: 'HTTP/1.1', status: 416, reason: 'Range Not Satisfiable', fields: all }, body: empty() }
}

function partial(
  { body }: Stored,
  fields: Fields,
  ranges: readonly (readonly [first: number, last: number])[],
): Answer {
  const at = ([first, last]: readonly [number, number]): string => `bytes ${first}-${last}/${body.length}`
  const cut = ([first, last]: readonly [number, number]): Buffer => body.subarray(first, last + 1)
  const answer = (added: Fields, bytes: Buffer): Answer => ({
    head: { version: 'HTTP/1.1', status: 206, reason: 'Partial Content', fields: added },
    body: wholeBody(bytes),
  })
  const [only, ...others] = ranges
  if (others.length === 0)
    return answer([...without(fields, 'content-length'), ['Content-Range', at(only!)]], cut(only!))
  const type = valuesOf(fields, 'content-type')[0]
  const boundary = randomUUID()
  const parts = ranges.map((range) => {
    const lines = [...(type === undefined ? [] : [`Content-Type: ${type}`]), `Content-Range: ${at(range)}`]
    return Buffer.concat([
      Buffer.from(`--${boundary}\r\n${lines.join('\r\n')}\r\n\r\n`),
      cut(range),
      Buffer.from('\r\n'),
    ])
  })
  return answer(
    withField(without(fields, 'content-length'), 'Content-Type', `multipart/byteranges; boundary=${boundary}`),
    Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
  )
}
