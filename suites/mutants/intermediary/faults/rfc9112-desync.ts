import { fault } from '../faults.ts'
import { has, tokens, valuesOf, type RequestHead } from '../messages.ts'
import { strict } from '../strict/index.ts'

type Head = Pick<RequestHead, 'fields'>

const hasBoth = ({ fields }: Head): boolean => has(fields, 'content-length') && has(fields, 'transfer-encoding')
const isChunkedBesideLength = (head: Head): boolean =>
  hasBoth(head) && valuesOf(head.fields, 'transfer-encoding').join().toLowerCase() === 'chunked'
const hasCodingsBesideLength = (head: Head): boolean =>
  hasBoth(head) && tokens(head.fields, 'transfer-encoding').length > 1

export default [
  fault('desync.second-request', 'passes the content of a PUT on without saying how long it is', {
    requestFramingFields(request) {
      return request.method === 'PUT' ? [] : strict.requestFramingFields.call(this, request)
    },
  }),

  fault(
    'desync.cl-te',
    'reads a request by its length, and passes it on with its transfer coding alone',
    {
      refuseBothFramings(head) {
        if (!isChunkedBesideLength(head)) strict.refuseBothFramings.call(this, head)
      },
      isRequestChunked(head) {
        return !isChunkedBesideLength(head) && strict.isRequestChunked.call(this, head)
      },
      requestFramingFields(request) {
        if (!isChunkedBesideLength(request)) return strict.requestFramingFields.call(this, request)
        return [['Transfer-Encoding', 'chunked']]
      },
    },
    { also: ['te.with-cl'] },
  ),

  fault(
    'desync.te-cl',
    'reads a request by its transfer coding, and passes it on, chunks and all, with its length alone',
    {
      refuseBothFramings(head) {
        if (!isChunkedBesideLength(head)) strict.refuseBothFramings.call(this, head)
      },
      requestFramingFields(request) {
        if (!isChunkedBesideLength(request)) return strict.requestFramingFields.call(this, request)
        return [['Content-Length', valuesOf(request.fields, 'content-length')[0]!]]
      },
    },
    { also: ['te.with-cl'] },
  ),

  fault('desync.te-te', 'reads a request with several transfer codings by its length, and passes it on as chunked', {
    refuseBothFramings(head) {
      if (!hasCodingsBesideLength(head)) strict.refuseBothFramings.call(this, head)
    },
    isRequestChunked(head) {
      return !hasCodingsBesideLength(head) && strict.isRequestChunked.call(this, head)
    },
    requestFramingFields(request) {
      if (!hasCodingsBesideLength(request)) return strict.requestFramingFields.call(this, request)
      return [['Transfer-Encoding', 'chunked']]
    },
  }),

  fault('desync.cl-0', 'passes the content of a GET on without saying how long it is', {
    requestFramingFields(request) {
      return request.method === 'GET' ? [] : strict.requestFramingFields.call(this, request)
    },
  }),

  fault('response.split', 'shows a query that holds a response, decoded, in a field', {
    forwardedResponseFields(head, request) {
      const query = decodeURIComponent(request.path.replace(/^[^?]*/, ''))
      const fields = strict.forwardedResponseFields.call(this, head, request)
      return /\n\r?\nHTTP/.test(query) ? [['X-Query', query], ...fields] : fields
    },
  }),
]
