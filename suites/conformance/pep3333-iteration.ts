import { setTimeout as sleep } from 'node:timers/promises'
import { ask, exchange, proven, request } from '../judging/probe.ts'
import { describe } from '../judging/answer.ts'
import { atApp, demand, type Experiment, type Suite } from './index.ts'
import type { Event } from '../../topologies/index.ts'
import type { Query, Shape } from '../judging/probe.ts'

const CALLING = 'PEP 3333, Specification Details'
const CLOSE_SAYS =
  'If the iterable returned by the application has a close() method, the server or gateway must call that method upon ' +
  'completion of the current request, whether the request was completed normally, or terminated early due to an ' +
  'application error during iteration or an early disconnect of the browser.'
const CLOSE_WAIT = 2000
const DISCONNECT_WAIT = 4000
const ANSWER_WAIT = 1500
/** A second call of close() follows the first at once, or never. */
const SETTLE = 200
/** Seconds an application takes for a block; the longer ones are for a machine that was busy during the shorter. */
const PAUSES = [0.15, 0.6, 2]
/** What a server or gateway may use of the iterable; `__class__` is how it knows its own file wrapper. */
const SPECIFIED = ['close', '__len__', '__iter__', '__next__', '__getitem__', '__class__']

function has(events: readonly Event[], name: string): boolean {
  return events.some(({ event }) => event === name)
}

/** Sends a request and resolves with its events once close() was called, or with all there are when that takes too long. */
async function closing(experiment: Experiment, query: Query, shape: Shape = {}): Promise<readonly Event[]> {
  const nonce = experiment.nonce()
  using connection = await experiment.connect()
  connection.send(request(experiment.hop, nonce, query, shape))
  // The answer does not matter here, and may have no end.
  const events = await experiment.events(nonce, (seen) => has(seen, 'close'), CLOSE_WAIT)
  if (!has(events, 'started')) throw new Error('no proof that the application was called')
  return events
}

/** Demands that the iterable was closed, and only when nothing more was asked of it. */
async function demandClose(experiment: Experiment, when: string, query: Query, shape: Shape = {}): Promise<void> {
  const all = { do: 'respond', item: ['one', 'two'], uncounted: 1, ...query }
  const events = await closing(experiment, all, shape)
  demand(has(events, 'close'), `close() was not called ${when}`)
  const after = events.slice(events.findIndex(({ event }) => event === 'close'))
  demand(!has(after, 'next') && !has(after, 'end'), `close() was called before the end of the iteration ${when}`)
}

/** Waits until the client has received this text; false when it has not so many milliseconds later. */
async function received(
  { signal }: Experiment,
  connection: { transcript(): { readonly received: string } },
  text: string,
  wait: number,
): Promise<boolean> {
  const deadline = performance.now() + wait
  while (!connection.transcript().received.includes(text)) {
    if (performance.now() > deadline) return false
    await sleep(3, undefined, { signal })
  }
  return true
}

/** The block that had not arrived when the application was asked for what follows it; undefined when each had. */
async function overtaken(experiment: Experiment, pause: number): Promise<string | undefined> {
  const blocks = ['first-block', 'second-block']
  const nonce = experiment.nonce()
  using connection = await experiment.connect()
  const query = { do: 'respond', item: blocks, pause, uncounted: 1 }
  connection.send(request(experiment.hop, nonce, query))
  for (const [index, block] of blocks.entries()) {
    // One pause until it is given, and one until whoever holds it back is given what follows it.
    const arrived = await received(experiment, connection, block, 2 * pause * 1000 + ANSWER_WAIT)
    // The probe says so when it gives the next block, and gives it only after a pause.
    const events = await experiment.events(nonce)
    if (events.some((event) => event.event === 'end' || event['index'] === index + 1)) return block
    if (!arrived) throw new Error(`neither did ${block} arrive, nor was the application asked for another`)
  }
  return undefined
}

export default {
  name: 'pep3333-iteration',
  title: 'PEP 3333: what the application returns',
  clauses: {
    'app.returns-iterable': {
      level: 'RECORD',
      cites: CALLING,
      says:
        'Regardless of how it is accomplished, the application object must always return an iterable yielding zero or ' +
        'more bytestrings.',
      experiment: 'The application returns None, and the next request is an ordinary one.',
      needs: 'events',
      applies: atApp,
      // The sentence binds the application; no sentence says what a server does with one that breaks it.
      async check(experiment) {
        const { nonce, answer, connection } = await ask(experiment, { do: 'nothing' }, { wait: ANSWER_WAIT })
        const events = await experiment.events(nonce, (seen) => has(seen, 'started'))
        if (!has(events, 'started')) throw new Error('no proof that the application was called')
        connection[Symbol.dispose]()
        const next = await ask(experiment, {})
        const then = next.proven ? '' : `, and the next request gets ${describe(next.answer)}`
        return { saw: `an application that returns None gets ${describe(answer)}${then}` }
      },
    },

    'iter.one-at-a-time': {
      level: 'PROSE',
      cites: CALLING,
      says:
        'The server or gateway must transmit the yielded bytestrings to the client in an unbuffered fashion, completing ' +
        'the transmission of each bytestring before requesting another one.',
      experiment:
        'The application pauses before it gives the second of two blocks and before it ends; each block must be at the ' +
        'client before the application has given what follows it.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        let late: string | undefined
        for (const pause of PAUSES) {
          late = await overtaken(experiment, pause)
          if (late === undefined) return
        }
        demand(false, `the ${late} was not at the client when the application had given what follows it`)
      },
    },

    'body.binary-safe': {
      level: 'PROSE',
      cites: CALLING,
      says:
        'The server or gateway should treat the yielded bytestrings as binary byte sequences: in particular, it should ' +
        'ensure that line endings are not altered.',
      experiment:
        'The application yields all 256 byte values and line endings of all kinds, as text/plain; what arrives is compared ' +
        'byte by byte.',
      async check(experiment) {
        const bytes = Buffer.from(Array.from({ length: 65536 }, (_, index) => index % 256))
        const endings = '\n\r\r\n\n\r\r\n\r\n\n\n\x00\x1a\x04'
        const expected = Buffer.concat([bytes, Buffer.from(endings, 'latin1')])
        const { answer, proven: fromProbe } = await ask(experiment, { do: 'octets' })
        if (!fromProbe) throw new Error(`no proof that the probe answered: ${describe(answer)}`)
        const { body } = answer
        const differs = expected.findIndex((byte, index) => byte !== body[index])
        demand(
          differs === -1,
          `of ${expected.length} bytes, ${body.length} arrived; byte ${differs} is the first to differ`,
        )
        demand(answer.ending === 'complete' && body.length === expected.length, `the body got ${describe(answer)}`)
      },
    },

    'body.may-transfer-code': {
      level: 'MAY',
      cites: CALLING,
      says:
        'The server or gateway may apply HTTP transfer encodings, or perform other transformations for the purpose of ' +
        'implementing HTTP features such as byte-range transmission.',
      experiment:
        'The application yields two blocks without a Content-Length; looks at how they are sent, and decodes them.',
      async check(experiment) {
        const asked = await ask(experiment, { do: 'respond', item: ['one', 'two'], uncounted: 1 })
        const { answer } = asked
        if (!asked.proven) throw new Error(`no proof that the probe answered: ${describe(answer)}`)
        demand(answer.ending === 'complete', `a body without a Content-Length: ${describe(answer)}`)
        demand(answer.problems.length === 0, `a body without a Content-Length: ${answer.problems.join(', ')}`)
        const body = answer.body.toString('latin1')
        demand(body === 'onetwo', `the body onetwo, decoded, is ${JSON.stringify(body)}`)
        // Varnish counts a body that has arrived whole before it answers, and chunks any other: chance.
        if (experiment.hop.role === 'cache') return { saw: 'a body without a Content-Length is sent on whole' }
        const how = {
          length: 'with a Content-Length',
          chunked: 'in chunks',
          close: 'until the connection closes',
          none: 'without a body',
        }
        return { saw: `a body without a Content-Length is sent to an HTTP/1.1 client ${how[answer.framing!]}` }
      },
    },

    'iter.len-accurate': {
      level: 'PROSE',
      cites: CALLING,
      says:
        'If a call to len(iterable) succeeds, the server must be able to rely on the result being accurate. That is, if ' +
        'the iterable returned by the application provides a working __len__() method, it must return an accurate result.',
      experiment:
        'The application returns iterables with a right __len__ of 0, 1 and 3, whose bodies must arrive whole; then one ' +
        'of two items that says it has one, which is only observed.',
      applies: atApp,
      async check(experiment) {
        for (const item of [[], ['one'], ['one', '', 'two']]) {
          const { answer, proven: fromProbe } = await ask(experiment, { do: 'iterate', kind: 'sized', item })
          const what = `an iterable of ${item.length} items with a __len__`
          demand(fromProbe && answer.ending === 'complete', `${what} got ${describe(answer)}`)
          const body = answer.body.toString('latin1')
          demand(body === item.join(''), `the body of ${what} is ${JSON.stringify(body)}`)
        }
        const query = { do: 'iterate', kind: 'sized', item: ['one', 'two'], len: 1 }
        const lied = await ask(experiment, query, { wait: ANSWER_WAIT })
        const extra = (await lied.connection.rest(SETTLE)).length
        const sent = lied.answer.body.toString('latin1')
        const more = extra > 0 ? `, followed by ${extra} bytes` : ''
        const shown = `${describe(lied.answer)} with the body ${JSON.stringify(sent)}${more}`
        return { saw: `an iterable of two items whose __len__ is 1 gets ${shown}` }
      },
    },

    'app.start-before-first-bytes': {
      level: 'PROSE',
      cites: CALLING,
      says:
        'the application must invoke the start_response() callable before the iterable yields its first body bytestring, ' +
        'so that the server can send the headers before any body content.',
      experiment:
        'The application yields a block without having called start_response; the client must get no body without a head, ' +
        'and no success that the application never spoke of.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const asked = await ask(experiment, { do: 'unstarted' }, { wait: ANSWER_WAIT })
        const { nonce, answer, connection } = asked
        const events = await experiment.events(nonce, (seen) => has(seen, 'called'))
        if (!has(events, 'called')) throw new Error('no proof that the application was called')
        demand(answer.ending !== 'malformed', `without start_response the client got ${describe(answer)}`)
        const status = answer.head?.status
        demand(answer.ending !== 'silent', `without start_response the client got ${describe(answer)}`)
        demand(status === undefined || status >= 400, `without start_response the client got ${describe(answer)}`)
        connection[Symbol.dispose]()
        if (status === undefined) return { saw: `without start_response the client gets ${describe(answer)}` }
        return undefined
      },
    },

    'iter.late-start-response': {
      level: 'MUST NOT',
      cites: CALLING,
      says:
        "However, this invocation may be performed by the iterable's first iteration, so servers must not assume that " +
        'start_response() has been called before they begin iterating over the iterable.',
      experiment:
        'The application calls start_response when its first item is asked for; its 299 and its body must arrive.',
      applies: atApp,
      async check(experiment) {
        const query = { do: 'respond', late: 1, status: '299 Late', item: 'body' }
        const { answer } = await ask(experiment, query)
        demand(
          answer.head?.status === 299 && answer.ending === 'complete' && answer.body.toString() === 'body',
          `start_response() in the first iteration was not accepted: ${describe(answer)}`,
        )
      },
    },

    'iter.no-foreign-attributes': {
      level: 'MUST NOT',
      cites: CALLING,
      says:
        'Finally, servers and gateways must not directly use any other attributes of the iterable returned by the ' +
        'application, unless it is an instance of a type specific to that server or gateway',
      experiment: 'The application returns an iterable that notes which of its attributes are looked up.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const query = { do: 'iterate', kind: 'watched', item: ['one', 'two'] }
        const events = await closing(experiment, query)
        const used = events.filter(({ event }) => event === 'attribute').map((event) => String(event['name']))
        const foreign = [...new Set(used)].filter((name) => !SPECIFIED.includes(name))
        demand(foreign.length === 0, `looked up on the iterable: ${foreign.join(', ')}`)
      },
    },

    'iter.close-normal': {
      level: 'MUST',
      cites: CALLING,
      says: CLOSE_SAYS,
      experiment: 'The application returns an iterable of two blocks, which must be closed after it was iterated over.',
      needs: 'events',
      applies: atApp,
      check: (experiment) => demandClose(experiment, 'after a complete response', {}),
    },

    'iter.close-on-iterable': {
      level: 'MUST',
      cites: CALLING,
      says: CLOSE_SAYS,
      experiment:
        'The application returns an iterable whose iterator is another object, without close(); the iterable must be closed.',
      dependsOn: 'iter.close-normal',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const events = await closing(experiment, { do: 'iterate', kind: 'separate', item: ['one', 'two'] })
        demand(has(events, 'close'), 'close() was not called on an iterable whose iterator is another object')
      },
    },

    'iter.close-head-and-bodyless': {
      level: 'MUST',
      cites: CALLING,
      says: CLOSE_SAYS,
      experiment: 'Asks for a response to HEAD, a 204 and a 304, whose iterables must be closed.',
      dependsOn: 'iter.close-normal',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        await demandClose(experiment, 'after a response to HEAD', {}, { method: 'HEAD' })
        await demandClose(experiment, 'after a 204', { status: '204 No Content', bare: 1 })
        await demandClose(experiment, 'after a 304', { status: '304 Not Modified', bare: 1 })
      },
    },

    'iter.close-app-error': {
      level: 'MUST',
      cites: CALLING,
      says: CLOSE_SAYS,
      experiment: 'The iterable raises an error when its first item is asked for, and another when its second is.',
      dependsOn: 'iter.close-normal',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        await demandClose(experiment, 'when the first iteration raised an error', { fail: 0 })
        await demandClose(experiment, 'when the second iteration raised an error', { fail: 1 })
      },
    },

    'iter.close-disconnect': {
      level: 'MUST',
      cites: CALLING,
      says: CLOSE_SAYS,
      experiment:
        'The client goes away after the first bytes of a megabyte that the application gives in a second; the iterable must ' +
        'be closed within 4 s.',
      needs: 'events',
      async check(experiment) {
        const nonce = experiment.nonce()
        const connection = await experiment.connect()
        // More than the sockets between the client and the application can hold.
        const blocks = Array.from({ length: 16 }, () => 'x')
        const query = { do: 'respond', item: blocks, repeat: 65536, pause: 0.06 }
        connection.send(request(experiment.hop, nonce, query))
        if (!(await connection.heard(4000))) proven(await exchange(nonce, connection, { wait: 0 }))
        connection[Symbol.dispose]()
        // A server may go on to the end of the response before it calls close(): the rule says when, not how soon.
        const events = await experiment.events(nonce, (seen) => has(seen, 'close'), DISCONNECT_WAIT)
        if (!has(events, 'started')) throw new Error('no proof that the application was called')
        demand(
          has(events, 'close'),
          `close() was not called within ${DISCONNECT_WAIT / 1000} s of the client going away`,
        )
      },
    },

    'iter.close-exactly-once': {
      level: 'PROSE',
      cites: CALLING,
      says: CLOSE_SAYS,
      experiment:
        'Asks for a whole response, one to HEAD, one that goes beyond its Content-Length and one whose iteration fails, and ' +
        'counts the calls of close().',
      dependsOn: 'iter.close-normal',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const plain = { do: 'respond', item: ['one', 'two'], uncounted: 1 }
        const cases: readonly (readonly [string, Query, Shape])[] = [
          ['a whole response', plain, {}],
          ['a response to HEAD', plain, { method: 'HEAD' }],
          ['a response beyond its Content-Length', { ...plain, header: 'Content-Length: 3' }, {}],
          ['an error in the iteration', { ...plain, fail: 1 }, {}],
        ]
        const closed: [string, string][] = []
        for (const [what, query, shape] of cases) {
          const events = await closing(experiment, query, shape)
          closed.push([what, events[0]!.nonce])
        }
        await sleep(SETTLE, undefined, { signal: experiment.signal })
        for (const [what, nonce] of closed) {
          const calls = (await experiment.events(nonce)).filter(({ event }) => event === 'close').length
          // Never is what the other clauses are about.
          demand(calls <= 1, `close() was called ${calls} times after ${what}`)
        }
      },
    },
  },
} satisfies Suite
