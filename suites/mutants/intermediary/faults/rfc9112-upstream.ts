import { fault } from '../faults.ts'
import { has, Refused, valuesOf } from '../messages.ts'
import { split } from '../strict/requests.ts'
import { strict } from '../strict/index.ts'

export default [
  fault(
    'framing.response-cl-te',
    'reads a response by its Content-Length although it is chunked',
    {
      responseFraming(head, request) {
        const both = has(head.fields, 'content-length') && has(head.fields, 'transfer-encoding')
        if (!both || this.isBodyless(request.method, head.status))
          return strict.responseFraming.call(this, head, request)
        return { length: Number(valuesOf(head.fields, 'content-length')[0]) }
      },
    },
    { also: ['content-length.false-not-forwarded'] },
  ),

  fault('framing.response-cl-invalid', 'takes "+5" for a length', {
    contentLength(values) {
      return strict.contentLength.call(this, values.join() === '+5' ? ['5'] : values)
    },
  }),

  fault(
    'framing.head',
    'passes the body of a response to HEAD on',
    { isBodyless: (_, status) => strict.isBodyless('GET', status) },
    { also: ['response.split'] },
  ),

  fault(
    'framing.204-1xx',
    'passes on how long a 204 says that it is',
    {
      responseFramingFields(framing, head, request) {
        if (head.status !== 204) return strict.responseFramingFields.call(this, framing, head, request)
        return valuesOf(head.fields, 'content-length').map((length) => ['Content-Length', length])
      },
    },
    { name: '204' },
  ),

  fault(
    'framing.204-1xx',
    'passes on how long a 103 says that it is',
    {
      forwardedInterimFields({ fields }) {
        const lengths = fields.filter(([name]) => name.toLowerCase() === 'content-length')
        return [...this.endToEndResponseFields(fields), ...lengths]
      },
    },
    { name: '103' },
  ),

  fault('framing.304', 'passes on what follows a 304', {
    responseFraming(head, request) {
      const length = head.status === 304 ? valuesOf(head.fields, 'content-length')[0] : undefined
      return length === undefined ? strict.responseFraming.call(this, head, request) : { length: Number(length) }
    },
    outgoingFraming(head, request, known) {
      const isBody = head.status === 304 && known !== undefined && known > 0
      return isBody ? { length: known } : strict.outgoingFraming.call(this, head, request, known)
    },
  }),

  fault('chunk.extension-ignored', 'takes a chunk extension for an error', {
    chunkSize(line) {
      if (line.includes(';')) throw new Refused(400, 'a chunk extension')
      return strict.chunkSize.call(this, line)
    },
  }),

  fault('chunk.trailers-read', 'takes a trailer section for an error', {
    trailerField: () => {
      throw new Refused(400, 'a trailer section')
    },
  }),

  fault('field.space-before-colon', 'passes a space before the colon on', {
    responseField(line) {
      const [name, value] = split(line)
      this.checkFieldValue(value)
      return [name, value]
    },
  }),

  fault('field.obs-fold', 'joins folded lines with nothing between them', {
    unfoldedResponse: (lines) => {
      const joined: string[] = []
      for (const line of lines)
        if (/^[ \t]/.test(line)) joined.push(`${joined.pop()}${line.trim()}`)
        else joined.push(line)
      return joined
    },
  }),

  fault('field.ctl-nul-crlf', 'passes NUL on in field values', { checkFieldValue: () => {} }),

  fault('interim.103-passed', 'passes 103 on without its fields', { forwardedInterimFields: () => [] }),

  fault('interim.several', 'takes 102 for the final response', {
    isInterim(head) {
      return head.status !== 102 && strict.isInterim.call(this, head)
    },
  }),
]
