import type { Rule } from './index.ts'

const START_RESPONSE = 'PEP 3333, The start_response() Callable'
const STARTS = 'the application calls start_response()'
const HAS_HEADERS = 'the application gives a header'

/** What the application gives to start_response(), and how. */
export const headRules = {
  'app.start-response-positional': {
    level: 'MUST',
    cites: 'PEP 3333, Specification Details',
    says:
      'the application must invoke the start_response callable using positional arguments (e.g. ' +
      'start_response(status, response_headers)).',
    arises: STARTS,
    advice: 'Write start_response(status, headers): servers name their parameters as they like.',
  },
  'app.start-response-once': {
    level: 'PROSE',
    cites: START_RESPONSE,
    says:
      'More precisely, it is a fatal error to call start_response without the exc_info argument if start_response has ' +
      'already been called within the current invocation of the application.',
    arises: STARTS,
    advice:
      'Decide on the status before the call; give sys.exc_info() as third argument when an error changes it later.',
  },
  'status.form': {
    level: 'PROSE',
    cites: START_RESPONSE,
    says:
      'That is, it is a string consisting of a Status-Code and a Reason-Phrase, in that order and separated by a single ' +
      'space, with no surrounding whitespace or other characters.',
    arises: STARTS,
    advice: "Give a str such as '200 OK': three digits, one space, a reason.",
  },
  'status.no-control': {
    level: 'MUST NOT',
    cites: START_RESPONSE,
    says:
      'The string must not contain control characters, and must not be terminated with a carriage return, linefeed, or ' +
      'combination thereof.',
    arises: STARTS,
    advice: 'Put nothing of a request’s into the status; strip what comes from elsewhere.',
  },
  'headers.list-type': {
    level: 'PROSE',
    cites: START_RESPONSE,
    says:
      'The response_headers argument is a list of (header_name, header_value) tuples. It must be a Python list; i.e. ' +
      'type(response_headers) is ListType, and the server may change its contents in any way it desires.',
    arises: STARTS,
    advice: 'Give a list of (str, str) tuples: list(headers.items()) from a dictionary, str(number) for a number.',
  },
  'headers.name-token': {
    level: 'PROSE',
    cites: START_RESPONSE,
    says:
      'Each header_name must be a valid HTTP header field-name (as defined by RFC 2616, Section 4.2), without a trailing ' +
      'colon or other punctuation.',
    arises: HAS_HEADERS,
    advice: 'Use letters, digits and hyphens in the names of headers, with no space and no colon.',
  },
  'headers.value-no-control': {
    level: 'MUST NOT',
    cites: START_RESPONSE,
    says:
      'Each header_value must not include any control characters, including carriage returns or linefeeds, either ' +
      'embedded or at the end.',
    arises: HAS_HEADERS,
    advice:
      'Refuse or strip control characters in values; some servers send them on, and a client can split the response so.',
  },
  'headers.non-latin1-fatal': {
    level: 'PROSE',
    cites: 'PEP 3333, Unicode Issues',
    says: 'It is a fatal error for an application to supply strings containing any other Unicode character or code point.',
    arises: STARTS,
    advice: 'Encode what is not ISO-8859-1: percent-encoding in URLs, RFC 8187 (filename*=) in Content-Disposition.',
  },
  'headers.server-may-mutate': {
    level: 'MAY',
    cites: START_RESPONSE,
    says:
      'It must be a Python list; i.e. type(response_headers) is ListType, and the server may change its contents in any ' +
      'way it desires.',
    arises: 'the application answers a first GET',
    advice:
      'Make a new list for every call, as in start_response(status, list(HEADERS)), and do not read it afterwards.',
  },
  'hop-by-hop.app-fatal': {
    // The text has no keyword here ("forbidden"); "Other HTTP Features" says the same with "must not".
    level: 'MUST NOT',
    cites: START_RESPONSE,
    says:
      'Applications and middleware are forbidden from using HTTP/1.1 "hop-by-hop" features or headers, any equivalent ' +
      "features in HTTP/1.0, or any headers that would affect the persistence of the client's connection to the web " +
      'server.',
    arises: STARTS,
    advice: 'Leave Connection, Keep-Alive, TE, Trailer, Upgrade and Proxy-* to the server.',
  },
  'app.no-transfer-encoding': {
    level: 'MUST NOT',
    cites: 'PEP 3333, Handling the Content-Length Header',
    says:
      'applications and middleware must not apply any kind of Transfer-Encoding to their output, such as chunking or ' +
      'gzipping; as "hop-by-hop" operations, these encodings are the province of the actual web server/gateway.',
    arises: STARTS,
    advice:
      'Yield the blocks as they are, without Content-Length: the server chunks. To compress, use Content-Encoding.',
  },
  'app.exc-info-tuple': {
    level: 'PROSE',
    cites: START_RESPONSE,
    says: 'The exc_info argument, if supplied, must be a Python sys.exc_info() tuple.',
    arises: 'the application gives exc_info to start_response()',
    advice: 'Give sys.exc_info() itself, from within the except block.',
  },
  'app.no-trap-exc-info': {
    level: 'MUST NOT',
    cites: START_RESPONSE,
    says: 'The application must not trap any exceptions raised by start_response, if it called start_response with exc_info.',
    arises: 'start_response() with exc_info raises, because output was sent already',
    advice: 'Call start_response(status, headers, sys.exc_info()) outside of any try of your own.',
  },
} satisfies Readonly<Record<string, Rule>>
