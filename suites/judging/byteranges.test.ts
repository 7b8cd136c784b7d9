import { expect, test } from 'vitest'
import { partsOf } from './byteranges.ts'

const TYPE = 'multipart/byteranges; boundary=lab'
const part = (range: string, bytes: string): string => `--lab\r\nContent-Range: ${range}\r\nX: y\r\n\r\n${bytes}\r\n`
const parts = (type: string, body: string) =>
  partsOf(type, Buffer.from(body, 'latin1'))?.map(({ range, bytes }) => [range, bytes.toString('latin1')])

test('parts are told apart by the boundary, whatever bytes they hold', () => {
  const body = `${part('bytes 0-5/9', '\r\n\r\n--')}${part('bytes 8-8/9', 'x')}--lab--\r\n`
  const expected = [
    ['bytes 0-5/9', '\r\n\r\n--'],
    ['bytes 8-8/9', 'x'],
  ]
  expect(parts(TYPE, body)).toEqual(expected)
  expect(parts('Multipart/Byteranges;boundary="lab"', `\r\n${body}`)).toEqual(expected)
})

test('a part that does not say which it is has no range', () => {
  expect(parts(TYPE, '--lab\r\n\r\nx\r\n--lab--')).toEqual([[undefined, 'x']])
})

test.for([
  ['no boundary', 'multipart/byteranges', '--lab--'],
  ['another type', 'multipart/mixed; boundary=lab', '--lab--'],
  ['another boundary', TYPE, '--other--'],
  ['no end', TYPE, part('bytes 0-0/9', 'x')],
  ['text before the first part', TYPE, `preamble\r\n${part('bytes 0-0/9', 'x')}--lab--`],
  ['lines that end in LF', TYPE, '--lab\nContent-Range: bytes 0-0/9\n\nx\n--lab--'],
  ['a part without an end of its head', TYPE, '--lab\r\nContent-Range: bytes 0-0/9\r\n--lab--'],
])('a body with %s holds no parts that could be read', ([, type, body]) => {
  expect(parts(type!, body!)).toBeUndefined()
})
