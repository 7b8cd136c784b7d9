import { demand } from '../conformance/index.ts'
import { describe, type Answer } from './answer.ts'
import { partsOf, type Part } from './byteranges.ts'
import { values } from './head.ts'

/**
 * How partial responses are judged: each says which bytes of the representation it holds, and those it must hold.
 */

const CONTENT_RANGE = /^bytes (\d+)-(\d+)\/(\d+|\*)$/

/** Demands that a 206 holds the bytes of `whole` that it says, and returns the first and the last of each part. */
export function demandPartial(answer: Answer, whole: string, what: string): readonly (readonly [number, number])[] {
  demand(answer.ending === 'complete', `${what} got ${describe(answer)}`)
  return parts(answer, what).map(({ range, bytes }) => {
    const [, first, last, length] = CONTENT_RANGE.exec(range ?? '') ?? []
    const told = `${what} got a 206 with Content-Range: ${range || '(none)'}`
    demand(first !== undefined && last !== undefined, told)
    demand(length === '*' || Number(length) === whole.length, `${told} for ${whole.length} bytes`)
    const [from, to] = [Number(first), Number(last)]
    demand(from <= to && to < whole.length, `${told} for ${whole.length} bytes`)
    const isThat = bytes.toString('latin1') === whole.slice(from, to + 1)
    demand(isThat, `${told} and ${bytes.length} bytes that are not those`)
    return [from, to]
  })
}

/** Whether a response says that it has several parts. */
export function isMultipart({ head }: Answer): boolean {
  return head !== undefined && /^multipart\//i.test(values(head, 'content-type')[0] ?? '')
}

function parts(answer: Answer, what: string): readonly Part[] {
  const ranges = values(answer.head!, 'content-range')
  if (!isMultipart(answer)) return [{ range: ranges.join(), bytes: answer.body }]
  demand(ranges.length === 0, `${what} got a 206 of several parts with a Content-Range for all of it`)
  const [type = ''] = values(answer.head!, 'content-type')
  const found = partsOf(type, answer.body) ?? []
  demand(found.length > 0, `${what} got a 206 that is no valid ${type.replace(/;.*/, '')}`)
  return found
}
