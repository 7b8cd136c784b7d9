import type { Rule } from './index.ts'

const DETAILS = 'PEP 3333, Specification Details'
const STREAMS = 'PEP 3333, Input and Error Streams'

/** How the application is called, what it finds in its environ, and what it may do with the streams there. */
export const callingRules = {
  'app.reinvocable': {
    level: 'PROSE',
    cites: 'PEP 3333, The Application/Framework Side',
    says:
      'Application objects must be able to be invoked more than once, as virtually all servers/gateways (other than ' +
      'CGI) will make such repeated requests.',
    arises: 'the application answers a first GET',
    advice:
      'Keep what belongs to one request out of globals, and make anew what a request uses up (an iterator, a file).',
  },
  'app.traps-errors': {
    level: 'SHOULD',
    cites: 'PEP 3333, Error Handling',
    says:
      'In general, applications should try to trap their own, internal errors, and display a helpful message in the ' +
      'browser.',
    arises: 'the application is called',
    advice: 'Mend the error, or catch it and answer with a page of your own: what the server makes of it differs.',
  },
  'app.portable': {
    level: 'RECORD',
    cites: 'PEP 3333, Abstract',
    says:
      'This document specifies a proposed standard interface between web servers and Python web applications or ' +
      'frameworks, to promote web application portability across a variety of web servers.',
    arises: 'the application answers behind a real server',
    advice: 'Look at what this server does otherwise: threads, processes, another environ, another working folder.',
  },
  'app.returns-iterable': {
    level: 'PROSE',
    cites: DETAILS,
    says:
      'Regardless of how it is accomplished, the application object must always return an iterable yielding zero or ' +
      'more bytestrings.',
    arises: 'the application returns without having called write()',
    advice: 'Return a list of bytes, as in return [body]; return [] when there is no body.',
  },
  'iter.len-accurate': {
    level: 'MUST',
    cites: DETAILS,
    says:
      'That is, if the iterable returned by the application provides a working __len__() method, it must return an ' +
      'accurate result.',
    arises: 'len() works on what the application returns',
    advice: 'Let __len__ give the number of items (not of bytes), or leave it out.',
  },
  'app.may-be-cut-short': {
    level: 'SHOULD NOT',
    cites: DETAILS,
    says:
      'Applications returning a generator or other custom iterator should not assume the entire iterator will be ' +
      'consumed, as it may be closed early by the server.',
    arises: 'the application returns a generator or another iterator of its own',
    advice: 'Release what the body uses in finally (or close()), and yield nothing after GeneratorExit.',
  },
  'app.close-clean': {
    level: 'PROSE',
    cites: DETAILS,
    says:
      'If the iterable returned by the application has a close() method, the server or gateway must call that method ' +
      'upon completion of the current request, whether the request was completed normally, or terminated early due to ' +
      'an application error during iteration or an early disconnect of the browser.',
    arises: 'what the application returns has a close()',
    advice: 'Let close() raise nothing: the server calls it after every response, also when nothing went wrong.',
  },
  'app.start-before-first-bytes': {
    level: 'MUST',
    cites: DETAILS,
    says:
      'the application must invoke the start_response() callable before the iterable yields its first body bytestring, ' +
      'so that the server can send the headers before any body content.',
    arises: 'the application yields an item, or ends',
    advice: 'Call start_response() before the first item, on every way through the application.',
  },
  'environ.app-checks-presence': {
    level: 'SHOULD',
    cites: 'PEP 3333, environ Variables',
    says:
      'Applications should check for the presence of any variables they require, and have a fallback plan in the event ' +
      'such a variable is absent.',
    arises: 'the application answers when all variables are there',
    advice: "Read it as environ.get('NAME') or a default: servers leave out what would be empty, or give it empty.",
  },
  'app.no-hop-reliance': {
    level: 'MUST NOT',
    cites: 'PEP 3333, Other HTTP Features',
    says:
      'WSGI applications must not generate any "hop-by-hop" headers, attempt to use HTTP features that would require ' +
      'them to generate such headers, or rely on the content of any incoming "hop-by-hop" headers in the environ ' +
      'dictionary.',
    arises: 'the application answers the same GET twice alike',
    advice:
      'Do not look at HTTP_CONNECTION, HTTP_UPGRADE, HTTP_TE or HTTP_KEEP_ALIVE: they are about the connection to the server.',
  },
  'app.no-read-past': {
    level: 'SHOULD NOT',
    cites: STREAMS,
    says: 'The application should not attempt to read more data than is specified by the CONTENT_LENGTH variable.',
    arises: 'the application reads wsgi.input',
    advice: 'Read CONTENT_LENGTH bytes at most (none when it is absent or empty): some servers wait for ever for more.',
  },
  'app.streams-only-listed': {
    level: 'MUST NOT',
    cites: STREAMS,
    says:
      'Applications conforming to this specification must not use any other methods or attributes of the input or ' +
      'errors objects. In particular, applications must not attempt to close these streams, even if they possess ' +
      'close() methods.',
    arises: 'the application uses wsgi.input or wsgi.errors',
    advice:
      'Use read, readline, readlines and iteration of wsgi.input; write, writelines and flush of wsgi.errors. Copy the body to seek in it.',
  },
} satisfies Readonly<Record<string, Rule>>
