import type { Rule } from './index.ts'

const BOUNDARIES = 'PEP 3333, Middleware Handling of Block Boundaries'
const UNTESTABLE = 'from outside nobody can tell where middleware ends and the application within it begins'
const arises = 'the application is middleware around one of the lab’s'

/** What binds middleware towards the application within it. */
export const middlewareRules = {
  'middleware.no-block': {
    level: 'MUST NOT',
    cites: BOUNDARIES,
    says:
      'In order to better support asynchronous applications and servers, middleware components must not block iteration ' +
      'waiting for multiple values from an application iterable.',
    arises,
    advice: 'Yield an empty bytestring whenever you need more items before you can yield anything else.',
    untestable: UNTESTABLE,
  },
  'middleware.yield-each': {
    level: 'MUST',
    cites: BOUNDARIES,
    says: 'a middleware component must yield at least one value each time its underlying application yields a value.',
    arises,
    advice: "Yield b'' for an item that you keep or drop.",
    untestable: UNTESTABLE,
  },
  'middleware.returns-at-once': {
    level: 'MUST',
    cites: BOUNDARIES,
    says:
      'Note also that this requirement means that middleware must return an iterable as soon as its underlying ' +
      'application returns an iterable.',
    arises,
    advice: 'Do not take items before you return: return a generator or an iterator that does.',
    untestable: UNTESTABLE,
  },
  'middleware.write-not-for-yielded': {
    level: 'PROSE',
    cites: BOUNDARIES,
    says:
      'It is also forbidden for middleware to use the write() callable to transmit data that is yielded by an underlying ' +
      'application.',
    arises,
    advice: 'Yield what the application yields; keep write() for what it gives to write().',
    untestable: UNTESTABLE,
  },
  'middleware.may-swallow-exc-info': {
    level: 'MAY',
    cites: 'PEP 3333, Error Handling',
    says:
      'In such cases, middleware may choose to not re-raise the exc_info supplied to start_response, but instead raise a ' +
      'middleware-specific exception, or simply return without an exception after storing the supplied arguments.',
    arises,
    advice: 'Nothing: it is allowed.',
    untestable: 'it is a permission, which nothing can break',
  },
} satisfies Readonly<Record<string, Rule>>
