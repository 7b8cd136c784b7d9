import { ask } from '../judging/probe.ts'
import { values } from '../judging/head.ts'
import { describe } from '../judging/answer.ts'
import { atApp, demand, type Experiment, type Suite } from './index.ts'

const CONTENT_LENGTH = 'PEP 3333, Handling the Content-Length Header'
const BUFFERING = 'PEP 3333, Buffering and Streaming'
const CLOSE_WAIT = 1500
// Bytes that should not have been sent follow the others at once, or never.
const EXTRA_WAIT = 200
const PAUSE_SECONDS = 0.4

/** Milliseconds between the arrival of the first block of a stream and that of the second. */
async function blocksApart(experiment: Experiment): Promise<number> {
  const query = { do: 'respond', item: ['first-block', 'second-block'], pause: PAUSE_SECONDS, uncounted: 1 }
  const { answer, proven } = await ask(experiment, query)
  if (!proven) throw new Error(`no proof that the probe answered: ${describe(answer)}`)
  const first = answer.arrivals.find(({ bytes }) => bytes >= 'first-block'.length)
  const last = answer.arrivals.at(-1)
  if (!first || !last || last.bytes !== 'first-blocksecond-block'.length) throw new Error('the stream arrived damaged')
  return last.at - first.at
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
      async check(experiment) {
        // Cut between two blocks, and inside one.
        for (const item of [['0123456789', 'EXTRA'], ['0123456789EXTRA']]) {
          const asked = await ask(experiment, { do: 'respond', header: 'Content-Length: 10', item })
          const extra = await asked.connection.rest(EXTRA_WAIT)
          demand(extra.length === 0, `${extra.length} bytes followed the 10 that Content-Length allows`)
        }
      },
    },

    'content-length.stops-iterating': {
      level: 'SHOULD',
      cites: CONTENT_LENGTH,
      says: 'and should stop iterating over the response when enough data has been sent',
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

    'content-length.short-closes': {
      level: 'SHOULD',
      cites: CONTENT_LENGTH,
      says:
        'Of course, if the application does not provide enough data to meet its stated Content-Length, the server should ' +
        'close the connection and log or otherwise report the error.',
      async check(experiment) {
        const query = { do: 'respond', header: 'Content-Length: 100', item: '0123456789' }
        const { answer } = await ask(experiment, query, { wait: CLOSE_WAIT })
        const refused = answer.ending === 'complete' && answer.head!.status >= 500
        const left = `with 10 of 100 bytes sent, the connection was open after ${CLOSE_WAIT / 1000} s`
        demand(answer.ending === 'cut' || refused, answer.ending === 'silent' ? left : describe(answer))
      },
    },

    'content-length.auto-len-1': {
      level: 'MAY',
      cites: CONTENT_LENGTH,
      says:
        'If the application does not call the write() callable, and returns an iterable whose len() is 1, then the server ' +
        'can automatically determine Content-Length by taking the length of the first bytestring yielded by the iterable.',
      applies: atApp,
      async check(experiment) {
        const { answer } = await ask(experiment, { do: 'respond', list: 1, item: 'body', uncounted: 1 })
        demand(
          answer.ending === 'complete' && answer.body.toString() === 'body',
          `a body of 4 bytes: ${describe(answer)}`,
        )
        const how = {
          length: 'with a Content-Length that the server determined',
          chunked: 'in chunks',
          close: 'until the connection closes',
          none: 'without a body',
        }
        return { saw: `a list of one bytestring is sent ${how[answer.framing!]}` }
      },
    },

    'chunked.compliant': {
      level: 'MUST',
      cites: CONTENT_LENGTH,
      says:
        'Note that the server must comply fully with RFC 2616 when doing this, or else fall back to one of the other ' +
        'strategies for dealing with the absence of Content-Length.',
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

    'stream.no-delay': {
      level: 'MUST NOT',
      cites: BUFFERING,
      says:
        'WSGI servers, gateways, and middleware must not delay the transmission of any block; they must either fully ' +
        'transmit the block to the client, or guarantee that they will continue transmission even while the application ' +
        'is producing its next block.',
      async check(experiment) {
        const enough = PAUSE_SECONDS * 500
        const apart = await blocksApart(experiment)
        if (apart >= enough) return
        // A busy machine can hold up the first block once, a server that buffers does it always.
        const again = await blocksApart(experiment)
        demand(
          again >= enough,
          `blocks that the application made ${PAUSE_SECONDS * 1000} ms apart arrived within ${Math.round(again)} ms`,
        )
      },
    },

    'body.bytes-only': {
      level: 'RECORD',
      cites: 'PEP 3333, Unicode Issues',
      says: 'The result of using a unicode object where a string object is required, is undefined.',
      applies: atApp,
      async check(experiment) {
        const { answer } = await ask(experiment, { do: 'respond', text: 1, item: 'text' }, { wait: CLOSE_WAIT })
        const body = answer.head === undefined ? '' : `, ${answer.body.length} body bytes`
        return { saw: `an application that yields str gets ${describe(answer)}${body}` }
      },
    },
  },
} satisfies Suite
