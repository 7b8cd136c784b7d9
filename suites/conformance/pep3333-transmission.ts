import { setTimeout as sleep } from 'node:timers/promises'
import { ask, type Exchange, type Query } from '../judging/probe.ts'
import { values } from '../judging/head.ts'
import { describe, type Answer } from '../judging/answer.ts'
import { atApp, demand, type Experiment, type Observation, type Suite } from './index.ts'

const CONTENT_LENGTH = 'PEP 3333, Handling the Content-Length Header'
const BUFFERING = 'PEP 3333, Buffering and Streaming'
const WRITE = 'PEP 3333, The write() Callable'
const CLOSE_WAIT = 1500
// A server that closes does so at once.
const LEFT_OPEN_WAIT = 1200
// Bytes that should not have been sent follow the others at once, or never.
const EXTRA_WAIT = 200
const SHORT_WAIT = 500
const LOG_WAIT = 400
const PAUSE_SECONDS = 0.3
// More than the buffers of a socket and of a server in front of it usually hold, and no multiple of theirs: what is kept
// until a buffer is full must show.
const BIG_BLOCK = 514 * 1024

const HOW = {
  length: 'with a Content-Length that the server determined',
  chunked: 'in chunks',
  close: 'until the connection closes',
  none: 'without a body',
}

/**
 * Milliseconds between the arrival of the last byte of a stream's first block and that of the next byte. The application
 * lets `PAUSE_SECONDS` go by between the two, and no time before the end: that would space out what is one block late.
 */
async function blocksApart(experiment: Experiment, query: Query, first: number, whole: number): Promise<number> {
  const { answer, proven } = await ask(experiment, { do: 'respond', uncounted: 1, ...query })
  demand(proven, `a stream of two blocks got ${describe(answer)}`)
  const got = answer.body.length
  demand(
    got === whole && answer.ending === 'complete',
    `of a stream of ${whole} bytes ${got} arrived: ${describe(answer)}`,
  )
  const end = answer.arrivals.find(({ bytes }) => bytes >= first)!
  const next = answer.arrivals.find(({ bytes }) => bytes > first)!
  return next.at - end.at
}

/**
 * Demands that the first block arrives whole while the application takes its time for the second. Intermediaries are no
 * WSGI servers, and HTTP lets them "buffer or delay message forwarding" (RFC 9110 §7.6): of those it is only told.
 */
async function demandApart(
  experiment: Experiment,
  paused: (seconds: number) => Query,
  first: number,
  whole: number,
): Promise<Observation | undefined> {
  const bound = atApp(experiment.hop)
  // A busy machine can hold up the first block for a while, a server that buffers does it until the next is made.
  for (const seconds of [PAUSE_SECONDS, 4 * PAUSE_SECONDS]) {
    const apart = await blocksApart(experiment, paused(seconds), first, whole)
    if (apart >= seconds * 500) return bound ? undefined : { saw: 'passes blocks on as they are made' }
    const made = `${seconds * 1000} ms after a block of ${first} bytes`
    const late = `what the application made ${made} arrived ${Math.round(apart)} ms after its last byte`
    demand(!bound || seconds === PAUSE_SECONDS, late)
  }
  return { saw: 'holds the end of a block back' }
}

/**
 * Throws the lab's own error unless the application was asked and the client answered in some way: anything else shows
 * nothing about the application's body.
 */
async function requireReached(experiment: Experiment, { nonce, answer, proven }: Exchange): Promise<void> {
  if (proven) return
  if (answer.head === undefined && answer.ending !== 'cut') throw new Error(`the client got ${describe(answer)}`)
  if (!experiment.target.events) return
  const events = await experiment.events(nonce, (seen) => seen.length > 0, SHORT_WAIT)
  if (events.length === 0) throw new Error(`no proof that the application was asked: ${describe(answer)}`)
}

/** Whether a server answered with an error in place of what the application began. */
function isServerError({ ending, head }: Answer): boolean {
  return ending === 'complete' && head!.status >= 500
}

/** The kinds of lines in a log: without its numbers, and without what differs between two requests. */
function kinds(log: string, nonce: string): ReadonlySet<string> {
  const lines = log.split('\n').map((line) =>
    line
      .replaceAll(nonce, '')
      .replaceAll(/0x[\da-f]+|\d+/gi, '#')
      .trim(),
  )
  return new Set(lines.filter((line) => line !== ''))
}

/** What the server's log says after a body of 10 bytes with this Content-Length, once it says something new. */
async function logged(
  experiment: Experiment,
  length: string,
  known: ReadonlySet<string>,
  wait: number,
): Promise<{ readonly asked: Exchange; readonly lines: readonly string[]; readonly kinds: ReadonlySet<string> }> {
  const { logs } = experiment.hop
  const before = (await logs!()).length
  const query = { do: 'respond', header: `Content-Length: ${length}`, item: '0123456789' }
  const asked = await ask(experiment, query, { wait: SHORT_WAIT })
  await requireReached(experiment, asked)
  const deadline = performance.now() + wait
  for (;;) {
    const seen = kinds((await logs!()).slice(before), asked.nonce)
    const lines = [...seen].filter((line) => !known.has(line))
    if (lines.length > 0 || performance.now() > deadline) return { asked, lines, kinds: seen }
    await sleep(50, undefined, { signal: experiment.signal })
  }
}

/** Asks for a body in two blocks without a Content-Length, demands that it arrives whole, and says how. */
async function uncountedBody(experiment: Experiment, version: '1.0' | '1.1'): Promise<string> {
  // With the second block at once, a cache would know the length at times and at times not.
  const query = { do: 'respond', item: ['one', 'two'], uncounted: 1, gap: 0.05 }
  const { answer } = await ask(experiment, query, { version, wait: CLOSE_WAIT })
  const what = `a body of 6 bytes without Content-Length, asked for with HTTP/${version}`
  demand(answer.ending === 'complete', `${what}: ${describe(answer)}`)
  const body = answer.body.toString('latin1')
  demand(body === 'onetwo', `${what}, arrived as ${JSON.stringify(body)}`)
  return HOW[answer.framing!]
}

export default {
  name: 'pep3333-transmission',
  title: 'PEP 3333: Content-Length, buffering and bytes',
  clauses: {
    'content-length.no-overrun': {
      level: 'SHOULD NOT',
      cites: CONTENT_LENGTH,
      says:
        'If the application supplies a Content-Length header, the server should not transmit more bytes to the client ' +
        'than the header allows',
      experiment:
        'The application declares 10 bytes and yields 15, in two blocks and in one; no byte may follow the tenth.',
      async check(experiment) {
        // Cut between two blocks, and inside one.
        for (const item of [['0123456789', 'EXTRA'], ['0123456789EXTRA']]) {
          const asked = await ask(experiment, { do: 'respond', header: 'Content-Length: 10', item })
          await requireReached(experiment, asked)
          const extra = await asked.connection.rest(EXTRA_WAIT)
          demand(extra.length === 0, `${extra.length} bytes followed the 10 that Content-Length allows`)
        }
      },
    },

    'content-length.stops-iterating': {
      level: 'SHOULD',
      cites: CONTENT_LENGTH,
      says: 'and should stop iterating over the response when enough data has been sent',
      experiment:
        'The application declares 10 bytes and has five blocks of 10; the events show how many the server asks for.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const item = Array.from({ length: 5 }, () => '0123456789')
        const { nonce } = await ask(experiment, { do: 'respond', header: 'Content-Length: 10', item })
        const events = await experiment.events(nonce, (seen) => seen.some(({ event }) => event === 'close'))
        const asked = events.filter(({ event }) => event === 'next').length
        if (asked === 0) throw new Error('no proof that the body was iterated over')
        demand(asked === 1, `asked for ${asked} blocks of 10 bytes to send a Content-Length of 10`)
      },
    },

    'content-length.write-past-raises': {
      level: 'SHOULD',
      cites: CONTENT_LENGTH,
      says:
        'and should stop iterating over the response when enough data has been sent, or raise an error if the application ' +
        'tries to write() past that point.',
      experiment:
        'The application declares 10 bytes and calls write() with 10, then with 5 more; the second call must raise.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const query = { do: 'respond', header: 'Content-Length: 10', write: ['0123456789', 'EXTRA'] }
        const { nonce } = await ask(experiment, query, { wait: CLOSE_WAIT })
        const events = await experiment.events(nonce, (seen) =>
          seen.some(({ event }) => event === 'write-raised' || event === 'end' || event === 'close'),
        )
        const second = events.some(({ event, index }) => event === 'write' && index === 1)
        if (!second) throw new Error('no proof that write() was called a second time')
        const raised = events.some(({ event }) => event === 'write-raised')
        demand(raised, 'write() took 5 bytes after the 10 that Content-Length allows, without an error')
      },
    },

    'content-length.short-closes': {
      level: 'SHOULD',
      cites: CONTENT_LENGTH,
      says:
        'Of course, if the application does not provide enough data to meet its stated Content-Length, the server should ' +
        'close the connection and log or otherwise report the error.',
      experiment:
        'The application declares 100 bytes and yields 10; the connection must be closed, or the client told.',
      async check(experiment) {
        const query = { do: 'respond', header: 'Content-Length: 100', item: '0123456789' }
        const asked = await ask(experiment, query, { wait: LEFT_OPEN_WAIT })
        const { answer } = asked
        const left = `with 10 of 100 bytes sent, the connection was open after ${LEFT_OPEN_WAIT / 1000} s`
        demand(answer.ending === 'cut' || isServerError(answer), answer.ending === 'silent' ? left : describe(answer))
        await requireReached(experiment, asked)
      },
    },

    'content-length.short-logged': {
      level: 'SHOULD',
      cites: CONTENT_LENGTH,
      says:
        'Of course, if the application does not provide enough data to meet its stated Content-Length, the server should ' +
        'close the connection and log or otherwise report the error.',
      experiment:
        'The application declares 10 bytes, then 100, and yields 10; the second time the log must say something else.',
      needs: 'logs',
      applies: atApp,
      async check(experiment) {
        // What is logged of any request: an access log, a debugging log.
        const whole = await logged(experiment, '10', new Set(), LOG_WAIT / 4)
        // As many digits, so that the requests do not differ either.
        const short = await logged(experiment, '99', whole.kinds, LOG_WAIT)
        if (isServerError(short.asked.answer)) return
        demand(short.lines.length > 0, 'a body of 10 of 99 bytes left nothing in the log that a whole one had not')
      },
    },

    'content-length.absent-framed': {
      level: 'MAY',
      cites: CONTENT_LENGTH,
      says:
        'If the application does not supply a Content-Length header, a server or gateway may choose one of several ' +
        'approaches to handling it. The simplest of these is to close the client connection when the response is ' +
        'completed.',
      experiment:
        'The application gives no Content-Length; the body must arrive whole and with an end, for HTTP/1.1 and HTTP/1.0.',
      async check(experiment) {
        const modern = await uncountedBody(experiment, '1.1')
        const old = await uncountedBody(experiment, '1.0')
        return { saw: `sent ${modern} for HTTP/1.1, ${old} for HTTP/1.0` }
      },
    },

    'content-length.auto-len-1': {
      level: 'MAY',
      cites: CONTENT_LENGTH,
      says:
        'If the application does not call the write() callable, and returns an iterable whose len() is 1, then the server ' +
        'can automatically determine Content-Length by taking the length of the first bytestring yielded by the iterable.',
      experiment:
        'The application returns a list of one bytestring, then one of two; both must arrive whole, however they are sent.',
      applies: atApp,
      async check(experiment) {
        const sent = async (...item: readonly string[]): Promise<string> => {
          const query = { do: 'respond', list: 1, item, uncounted: 1 }
          const { answer } = await ask(experiment, query, { wait: CLOSE_WAIT })
          const what = `a list of ${item.length} with ${item.join('').length} bytes`
          demand(answer.ending === 'complete', `${what}: ${describe(answer)}`)
          const body = answer.body.toString('latin1')
          demand(body === item.join(''), `${what} arrived as ${JSON.stringify(body)}`)
          return HOW[answer.framing!]
        }
        const one = await sent('body')
        await sent('one', 'two')
        return { saw: `a list of one bytestring is sent ${one}` }
      },
    },

    'chunked.compliant': {
      level: 'MUST',
      cites: CONTENT_LENGTH,
      says:
        'Note that the server must comply fully with RFC 2616 when doing this, or else fall back to one of the other ' +
        'strategies for dealing with the absence of Content-Length.',
      experiment:
        'The application yields three blocks, one of them empty, without a Content-Length; a strict reader must get the ' +
        'body whole, and an HTTP/1.0 client must get no chunks.',
      async check(experiment) {
        for (const version of ['1.1', '1.0'] as const) {
          // An empty chunk would end the body.
          const query = { do: 'respond', item: ['one', '', 'two'], uncounted: 1 }
          const { answer, connection } = await ask(experiment, query, { version })
          const what = `a body in three blocks for HTTP/${version}`
          demand(answer.ending === 'complete', `${what}: ${describe(answer)}`)
          demand(answer.problems.length === 0, `${what}: ${answer.problems.join(', ')}`)
          demand(
            answer.body.toString() === 'onetwo',
            `${what} arrived as ${JSON.stringify(answer.body.toString('latin1'))}`,
          )
          demand((await connection.rest(0)).length === 0, `${what} was followed by more bytes`)
          const coded = version === '1.0' && values(answer.head!, 'transfer-encoding').length > 0
          demand(!coded, 'Transfer-Encoding was sent to an HTTP/1.0 client')
        }
      },
    },

    'app.no-transfer-encoding': {
      level: 'MUST NOT',
      cites: `${CONTENT_LENGTH}; RFC 9112 §6.1`,
      says:
        'applications and middleware must not apply any kind of Transfer-Encoding to their output, such as chunking or ' +
        'gzipping; as "hop-by-hop" operations, these encodings are the province of the actual web server/gateway. [...] ' +
        'A sender MUST NOT apply the chunked transfer coding more than once to a message body (i.e., chunking an already ' +
        'chunked message is not allowed). [...] A server MUST NOT send a response containing Transfer-Encoding unless the ' +
        'corresponding request indicates HTTP/1.1 (or later minor revisions).',
      experiment:
        'The application sends a body that it has chunked itself, with Transfer-Encoding: chunked; whatever the server ' +
        'makes of it must be well-formed, for HTTP/1.1 and HTTP/1.0.',
      // The application is at fault, but the message is the server's.
      async check(experiment) {
        let saw: Observation | undefined
        for (const version of ['1.1', '1.0'] as const) {
          const header = 'Transfer-Encoding: chunked'
          const query = { do: 'respond', header, uncounted: 1, item: '4\r\nbody\r\n0\r\n\r\n' }
          const asked = await ask(experiment, query, { version, wait: CLOSE_WAIT })
          const { answer, connection } = asked
          const what = `a body chunked by the application, for HTTP/${version}`
          if (isServerError(answer) || (answer.head === undefined && answer.ending === 'cut')) {
            await requireReached(experiment, asked)
            continue
          }
          demand(answer.ending === 'complete', `${what}: ${describe(answer)}`)
          demand(answer.problems.length === 0, `${what}: ${answer.problems.join(', ')}`)
          const extra = await connection.rest(EXTRA_WAIT)
          demand(extra.length === 0, `${what}, was followed by ${extra.length} bytes`)
          const coded = values(answer.head!, 'transfer-encoding').length > 0
          demand(version === '1.1' || !coded, `${what}: Transfer-Encoding was sent to an HTTP/1.0 client`)
          const own = answer.body.toString('latin1') === 'body'
          saw ??= { saw: own ? "passes on the application's own chunks" : "sends the application's chunks as content" }
        }
        return saw
      },
    },

    'stream.no-delay': {
      level: 'MUST NOT',
      cites: BUFFERING,
      says:
        'WSGI servers, gateways, and middleware must not delay the transmission of any block; they must either fully ' +
        'transmit the block to the client, or guarantee that they will continue transmission even while the application ' +
        'is producing its next block.',
      experiment:
        'The application yields a small block and, 0.3 s later, another; they must arrive at least half as far apart.',
      async check(experiment) {
        const query = (gap: number) => ({ item: ['first-block', 'second-block'], gap })
        return demandApart(experiment, query, 'first-block'.length, 'first-blocksecond-block'.length)
      },
    },

    'stream.progress-while-app-works': {
      level: 'MUST',
      cites: BUFFERING,
      says:
        'they must either fully transmit the block to the client, or guarantee that they will continue transmission even ' +
        'while the application is producing its next block.',
      experiment:
        'The application yields 514 KiB and, 0.3 s later, as much; the last byte of the first block must arrive at least ' +
        'half that time before the next.',
      dependsOn: 'stream.no-delay',
      // What an intermediary holds back depends on how much its buffer happens to hold: no two runs need agree.
      applies: atApp,
      async check(experiment) {
        const query = (gap: number) => ({ item: ['a', 'b'], repeat: BIG_BLOCK, gap })
        return demandApart(experiment, query, BIG_BLOCK, 2 * BIG_BLOCK)
      },
    },

    'write.sent-before-return': {
      level: 'PROSE',
      cites: WRITE,
      says:
        'before write() returns, it must guarantee that the passed-in bytestring was either completely sent to the client, ' +
        'or that it is buffered for transmission while the application proceeds onward.',
      experiment:
        'The application calls write() and, 0.3 s later, returns an iterable with another block; the two must arrive at ' +
        'least half as far apart.',
      applies: atApp,
      async check(experiment) {
        const query = (linger: number) => ({ write: 'first-block', linger, item: 'second-block' })
        await demandApart(experiment, query, 'first-block'.length, 'first-blocksecond-block'.length)
      },
    },

    'write.with-iterable': {
      level: 'PROSE',
      cites: WRITE,
      says:
        'The returned iterable may be empty (i.e. yield no non-empty bytestrings), but if it does yield non-empty ' +
        'bytestrings, that output must be treated normally by the server or gateway (i.e., it must be sent or queued ' +
        'immediately).',
      experiment:
        'The application calls write(), then returns an iterable of two blocks, a list of one, or nothing; all must arrive.',
      applies: atApp,
      async check(experiment) {
        const bodies = [{ item: ['two', 'three'] }, { item: ['two'], list: 1 }, { item: [] }]
        for (const iterable of bodies) {
          const query = { do: 'respond', uncounted: 1, write: 'one', ...iterable }
          const { answer } = await ask(experiment, query, { wait: CLOSE_WAIT })
          const what = `write() with "one", then ${JSON.stringify(iterable.item)} to iterate over`
          demand(answer.ending === 'complete', `${what}: ${describe(answer)}`)
          const body = answer.body.toString('latin1')
          const missing = ['one', ...iterable.item].find((part) => !body.includes(part))
          demand(missing === undefined, `${what}, arrived as ${JSON.stringify(body)}`)
        }
      },
    },

    'write.before-iterable': {
      level: 'PROSE',
      cites: WRITE,
      says:
        'any bytestrings yielded by the iterable are transmitted after all bytestrings passed to write() have been sent to ' +
        'the client.',
      experiment: 'The application calls write() twice, then yields two blocks; they must arrive in that order.',
      dependsOn: 'write.with-iterable',
      applies: atApp,
      async check(experiment) {
        const query = { do: 'respond', write: ['one', 'two'], item: ['three', 'four'] }
        const { answer } = await ask(experiment, query, { wait: CLOSE_WAIT })
        demand(answer.ending === 'complete', `two calls of write() and two blocks: ${describe(answer)}`)
        const body = answer.body.toString('latin1')
        demand(
          body === 'onetwothreefour',
          `one and two written, three and four yielded arrived as ${JSON.stringify(body)}`,
        )
      },
    },

    'body.bytes-only': {
      level: 'RECORD',
      cites: 'PEP 3333, Unicode Issues',
      says:
        'For values referred to in this specification as "bytestrings" (i.e., values read from wsgi.input, passed to ' +
        'write() or yielded by the application), the value must be of type bytes under Python 3, and str in earlier ' +
        'versions of Python.',
      experiment: 'The application yields str in place of bytes; what the client gets is noted.',
      applies: atApp,
      async check(experiment) {
        const { answer } = await ask(experiment, { do: 'respond', text: 1, item: 'text' }, { wait: CLOSE_WAIT })
        const body = answer.head === undefined ? '' : `, ${answer.body.length} body bytes`
        return { saw: `an application that yields str gets ${describe(answer)}${body}` }
      },
    },
  },
} satisfies Suite
