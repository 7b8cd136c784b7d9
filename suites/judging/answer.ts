import { values, type Framing, type Head } from './head.ts'

/** How reading a response ended: `cut` by a close or reset, `silent` when the wait was over before its end. */
type Ending = 'complete' | 'cut' | 'silent' | 'malformed' | 'too large'

/** What came back for one request. */
export interface Answer {
  readonly ending: Ending
  /** Absent when no complete head arrived. */
  readonly head: Head | undefined
  readonly interim: readonly Head[]
  readonly framing: Framing | undefined
  readonly body: Buffer
  readonly problems: readonly string[]
  /** When body bytes arrived: milliseconds of `performance.now()` and how many there were in all by then. */
  readonly arrivals: readonly { readonly at: number; readonly bytes: number }[]
  /** When the first byte of the answer arrived. */
  readonly firstByteAt: number | undefined
}

/** An answer in a few words: `200 OK`, `no answer: the connection was closed` ... */
export function describe(answer: Answer): string {
  const { ending, head, problems } = answer
  if (ending === 'malformed') return `a malformed response (${problems.at(-1)})`
  if (ending === 'too large') return 'a response without end'
  if (head === undefined) return ending === 'cut' ? 'no answer: the connection was closed' : 'no answer in time'
  const line = `${head.status} ${head.reason}`.trim()
  if (ending === 'complete') return line
  const length = values(head, 'content-length')[0]
  const of = length === undefined ? 'bytes' : `of ${length} bytes`
  return `${line} with a body that ${ending === 'cut' ? 'was cut' : 'did not end'} after ${answer.body.length} ${of}`
}

/** The values of every field with this name in an answer, in order: none when it has no head. */
export function gotValues({ head }: Answer, name: string): readonly string[] {
  return head === undefined ? [] : values(head, name)
}
