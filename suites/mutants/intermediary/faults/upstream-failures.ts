import { fault, type Change } from '../faults.ts'
import { has, type Framing, type ResponseHead } from '../messages.ts'
import { strict } from '../strict/index.ts'

/** A response that looks whole. */
const FINE = { status: 200, body: 'all is well' }
/** Milliseconds: less than the lab watches a silent origin for. */
const SHORT_PATIENCE = 500
/** Milliseconds: less than a slow origin takes between two pieces. */
const LATE = 200

/** Does not show that a response was cut that was framed so; a field of its own tells such responses from others. */
function looksWhole(framing: Framing): Change {
  return {
    forwardedResponseFields(head, request) {
      const fields = strict.forwardedResponseFields.call(this, head, request)
      return this.responseFraming(head, request) === framing ? [...fields, ['X-Framing', String(framing)]] : fields
    },
    showsCut: ({ fields }) => !has(fields, 'x-framing'),
  }
}

export default [
  fault('upstream.closes', 'makes a response of a connection that was closed', {
    failureAnswer(failed, stored) {
      const isClosed = !failed.begun && failed.message.endsWith('without a response')
      return isClosed ? FINE : strict.failureAnswer.call(this, failed, stored)
    },
  }),

  fault(
    'upstream.resets',
    'makes a response of a connection that was reset',
    {
      failureAnswer(failed, stored) {
        const isReset = !failed.begun && failed.message.endsWith('too early')
        return isReset ? FINE : strict.failureAnswer.call(this, failed, stored)
      },
    },
    { also: ['upstream.half-head'] },
  ),

  fault(
    'upstream.half-head',
    'makes a response of half a head',
    {
      failureAnswer(failed, stored) {
        const isHalf = failed.begun && failed.how === 'closed'
        return isHalf ? FINE : strict.failureAnswer.call(this, failed, stored)
      },
    },
    { also: ['upstream.garbage'] },
  ),

  fault('upstream.garbage', 'takes what does not begin with HTTP/ for the head of a response', {
    statusLine(line) {
      return line.startsWith('HTTP/')
        ? strict.statusLine.call(this, line)
        : { version: 'HTTP/1.1', status: 200, reason: '' }
    },
  }),

  fault('framing.truncated-upstream', 'waits for all of a counted response and counts what has come', {
    buffersResponse: ({ fields }) => has(fields, 'content-length'),
    showsCut: ({ fields }) => !has(fields, 'content-length'),
  }),

  fault('framing.truncated-chunked', 'ends a chunked response as if it were whole', looksWhole('chunked')),

  fault('framing.truncated-until-close', 'does not tell a reset from a close', looksWhole('close')),

  fault('upstream.frozen', 'makes a response of silence', {
    patience: () => SHORT_PATIENCE,
    failureAnswer(failed, stored) {
      return failed.how === 'silent' ? FINE : strict.failureAnswer.call(this, failed, stored)
    },
  }),

  fault(
    'upstream.stalls',
    'makes a whole response of half a one when the rest does not come',
    {
      patience: () => SHORT_PATIENCE,
      buffersResponse: ({ fields }) => has(fields, 'content-length'),
      showsCut: ({ fields }) => !has(fields, 'content-length'),
    },
    { also: ['framing.truncated-upstream'] },
  ),

  fault('upstream.slow', 'loses what comes late of a response', () => {
    const began = new WeakMap<ResponseHead, number>()
    return {
      responsePiece(piece, head) {
        const since = began.get(head) ?? performance.now()
        began.set(head, since)
        return performance.now() - since > LATE ? Buffer.alloc(piece.length) : piece
      },
    }
  }),

  fault('upstream.down', 'makes a response where there is no origin', {
    failureAnswer(failed, stored) {
      return failed.how === 'unreachable' ? FINE : strict.failureAnswer.call(this, failed, stored)
    },
  }),

  fault('conn.retry-idempotent-only', 'sends whatever failed on an old connection once more', {
    mayUseOldConnection: () => true,
    mayRetry: (_, { how, begun }, old) => old && how === 'closed' && !begun,
  }),

  fault('response.split', 'takes what came before a request for its response', { takesUnasked: () => true }),
]
