import { Refused, without } from '../messages.ts'
import type { Conduct, ReadingBodies, ReadingFields } from '../conduct.ts'

/** What methods and field names are. */
export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
const CHUNK_SIZE = /^([0-9A-Fa-f]{1,12})([ \t]*;.*)?$/
/** Fields that mean something for framing, routing or authorization: no trailer may bring them (RFC 9110 §6.5.1). */
const NO_TRAILERS = [
  ...[
    'content-length',
    'transfer-encoding',
    'trailer',
    'te',
    'connection',
    'keep-alive',
    'proxy-connection',
    'upgrade',
  ],
  ...['host', 'max-forwards', 'expect', 'range', 'cache-control', 'authorization', 'proxy-authorization', 'cookie'],
  ...['set-cookie', 'content-encoding', 'content-type', 'content-range', 'age', 'date', 'expires', 'location', 'vary'],
]

/** Lines and fields by the letter of RFC 9112 §2.2 and §5. */
export const fields: ReadingFields & ThisType<Conduct> = {
  lineLimit: () => 16 * 1024,
  fieldLinesLimit: () => 200,
  lineWithoutEnd(line) {
    if (!line.endsWith('\r')) throw new Refused(400, 'a line ends in a bare LF')
    if (line.indexOf('\r') < line.length - 1) throw new Refused(400, 'a bare CR')
    return line.slice(0, -1)
  },
  checkFieldName(name) {
    if (!TOKEN.test(name)) throw new Refused(400, 'a field name that is no token')
  },
  checkFieldValue(value) {
    if (CONTROL.test(value)) throw new Refused(400, 'a control character in a field value')
  },
}

/** Chunked bodies by the letter of RFC 9112 §7.1. */
export const bodies: ReadingBodies & ThisType<Conduct> = {
  chunkSize(line) {
    const size = CHUNK_SIZE.exec(line)
    if (!size || CONTROL.test(line)) throw new Refused(400, 'an invalid chunk size')
    return Number.parseInt(size[1]!, 16)
  },
  checkChunkEnd(line) {
    if (line !== '') throw new Refused(400, "a chunk's data is longer than its size")
  },
  trailerField(line) {
    return this.requestField(line)
  },
  keptTrailers(trailers, head) {
    return without(trailers, ...NO_TRAILERS, ...this.connectionOptions(head.fields))
  },
}
