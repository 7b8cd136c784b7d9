import type { Rule } from './index.ts'

const WRITE = 'PEP 3333, The write() Callable'
const WRITES = 'the application calls write()'

/** What the application gives as the body, and what it declares about it. */
export const bodyRules = {
  'body.bytes-only': {
    level: 'MUST',
    cites: 'PEP 3333, Unicode Issues',
    says:
      'For values referred to in this specification as "bytestrings" (i.e., values read from wsgi.input, passed to ' +
      'write() or yielded by the application), the value must be of type bytes under Python 3, and str in earlier ' +
      'versions of Python.',
    arises: 'the application gives any body',
    advice: 'Encode text: yield text.encode("utf-8"), and declare the charset in Content-Type.',
  },
  'app.content-length-true': {
    level: 'PROSE',
    cites: 'PEP 3333, Handling the Content-Length Header',
    says:
      'If the application supplies a Content-Length header, the server should not transmit more bytes to the client than ' +
      'the header allows, and should stop iterating over the response when enough data has been sent, or raise an error ' +
      'if the application tries to write() past that point. (Of course, if the application does not provide enough data ' +
      'to meet its stated Content-Length, the server should close the connection and log or otherwise report the error.)',
    arises: 'the application declares Content-Length and gives the body to its end',
    advice: 'Count bytes, not characters: len(body) after encoding; or leave Content-Length out.',
  },
  'app.content-type': {
    level: 'SHOULD',
    cites: 'RFC 9110 §8.3',
    says:
      'A sender that generates a message containing content SHOULD generate a Content-Type header field in that message ' +
      'unless the intended media type of the enclosed representation is unknown to the sender.',
    arises: 'the application gives a body that is not empty',
    advice: 'Add Content-Type; without it servers invent one or browsers guess.',
  },
  'app.head-body': {
    level: 'RECORD',
    cites: 'RFC 9110 §9.3.2',
    says: 'The HEAD method is identical to GET except that the server MUST NOT send content in the response.',
    arises: 'the application answers HEAD',
    advice:
      'Return [] to HEAD, with the headers of GET: Gunicorn, waitress, uWSGI, cheroot and wsgiref send what they get.',
  },
  'app.no-body-status': {
    level: 'RECORD',
    cites: 'RFC 9110 §8.6, §15.3.5, §15.4.5',
    says:
      'A server MUST NOT send a Content-Length header field in any response with a status code of 1xx (Informational) or ' +
      '204 (No Content). [...] A 204 response is terminated by the end of the header section; it cannot contain content ' +
      'or trailers. [...] A 304 response is terminated by the end of the header section; it cannot contain content or ' +
      'trailers.',
    arises: 'the application answers 204 or 304',
    advice: 'Return [] with 204 and 304, and no Content-Length with 204: some servers send on what they get.',
  },
  'app.iterable-with-write': {
    level: 'MUST',
    cites: WRITE,
    says: 'An application must return an iterable object, even if it uses write() to produce all or part of its response body.',
    arises: WRITES,
    advice: 'Return [] after the last write().',
  },
  'app.no-write-in-iteration': {
    level: 'MUST NOT',
    cites: WRITE,
    says:
      'Applications must not invoke write() from within their return iterable, and therefore any bytestrings yielded by ' +
      'the iterable are transmitted after all bytestrings passed to write() have been sent to the client.',
    arises: WRITES,
    advice: 'Yield the data instead; a generator function has no use for write().',
  },
} satisfies Readonly<Record<string, Rule>>
