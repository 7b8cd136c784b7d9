import { z } from 'zod'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask, data, exchange, proven, Reads, request, type Exchange, type Shape } from '../judging/probe.ts'
import { describe } from '../judging/answer.ts'
import { atApp, demand, Deviation, type Experiment, type Suite } from './index.ts'

const STREAMS = 'PEP 3333, Input and Error Streams'
const VARIABLES = 'PEP 3333, environ Variables'
const SEMANTICS =
  'The input and error streams provided by the server must support the following methods: [...] The semantics of each ' +
  'method are as documented in the Python Library Reference, except for these notes'
const SUPPORTED =
  'The methods listed in the table above must be supported by all servers conforming to this specification.'
const METHODS = `${SEMANTICS} [...] ${SUPPORTED}`
// A read that blocks does so until the client closes; one that does not answers in milliseconds.
const BLOCKED_WAIT = 1500
const LOG_WAIT = 2000
// Between two halves of a body: long enough for a server to see the first one alone.
const HALFWAY = 60

const Wrote = z.object({ raised: z.string().nullable(), by: z.string().nullable() })
const Parted = z.array(Reads.element.extend({ parts: z.array(z.string()).optional() }))
type Part = z.infer<typeof Parted>[number]

/** What the probe read with these operations, demanding that none of them blocked. */
async function reads(experiment: Experiment, ops: readonly string[], asked: Exchange): Promise<readonly Part[]> {
  if (asked.answer.ending === 'silent' && asked.answer.head === undefined) {
    const done = experiment.target.events ? await experiment.events(asked.nonce) : []
    const stuck = ops[done.filter(({ event }) => event === 'read').length] ?? ops.join(', ')
    throw new Deviation(
      `${shown(stuck)} blocked for ${BLOCKED_WAIT / 1000} s while the client kept the connection open`,
    )
  }
  return data(Parted, asked)
}

/** Has the probe read `wsgi.input`, and demands that these operations give these values without blocking. */
async function demandReads(experiment: Experiment, expected: Readonly<Record<string, string>>, shape: Shape) {
  const ops = Object.keys(expected).map((op) => op.replace(/#.*/, ''))
  const asked = await ask(experiment, { do: 'read', op: ops }, { ...shape, wait: BLOCKED_WAIT })
  const all = await reads(experiment, ops, asked)
  for (const [index, value] of Object.values(expected).entries()) demandValue(all[index]!, value)
}

function demandValue(read: Part, value: string): void {
  demand(read.type === 'bytes' && read.value === value, `${got(read)}, not ${JSON.stringify(cut(value))}`)
}

/** What an operation gave, as a sentence. */
function got({ op, type, value, raised }: Part): string {
  if (raised !== undefined) return `${shown(op)} raised ${raised}`
  const what = `${shown(op)} returned ${JSON.stringify(cut(value ?? ''))}`
  return type === 'bytes' ? what : `${what} (${type ?? 'no value'})`
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 40)} ... (${text.length} bytes in all)` : text
}

function shown(op: string): string {
  const [name = '', size = ''] = op.split(':')
  if (name === 'lines' || name === 'next') return 'iterating'
  return `${name === 'pieces' ? 'read' : name}(${size})`
}

export default {
  name: 'pep3333-streams',
  title: 'PEP 3333: the input and error streams',
  clauses: {
    'input.bytes-only': {
      level: 'MUST',
      cites: 'PEP 3333, Unicode Issues',
      says:
        'For values referred to in this specification as "bytestrings" (i.e., values read from wsgi.input, passed to ' +
        'write() or yielded by the application), the value must be of type bytes under Python 3, and str in earlier ' +
        'versions of Python.',
      experiment:
        'POSTs all 256 byte values and four lines, reads them with read(size), readline() and by iterating, and looks at ' +
        'the types and bytes of what is returned.',
      applies: atApp,
      async check(experiment) {
        const every = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code))
        const body = `${every}caf\u00e9\r\n\u0000\n`
        await demandReads(
          experiment,
          { 'read:256': every, readline: 'caf\u00e9\r\n', next: '\u0000\n' },
          { method: 'POST', body },
        )
      },
    },

    'input.read-size': {
      level: 'MUST',
      cites: STREAMS,
      says: METHODS,
      experiment:
        'POSTs a body in two halves with a pause between them, and has it read with read(7) until all of it is there: no ' +
        'piece may be longer, none empty, and together they are the body.',
      applies: atApp,
      async check(experiment) {
        const nonce = experiment.nonce()
        const connection = await experiment.connect()
        const body = 'the first half|and the second\n'
        const half = body.indexOf('|') + 1
        const op = 'pieces:7'
        const fields = [`Content-Length: ${body.length}`]
        connection.send(request(experiment.hop, nonce, { do: 'read', op }, { method: 'POST', fields }))
        connection.send(body.slice(0, half))
        await sleep(HALFWAY, undefined, { signal: experiment.signal })
        connection.send(body.slice(half))
        const [read] = await reads(experiment, [op], await exchange(nonce, connection, { wait: BLOCKED_WAIT }))
        demandValue(read!, body)
        // Fewer bytes than asked for are the right of any stream.
        const long = read!.parts?.find((part) => part.length > 7)
        demand(long === undefined, `read(7) returned ${long?.length} bytes`)
      },
    },

    'input.readline': {
      level: 'MUST',
      cites: STREAMS,
      says: METHODS,
      experiment:
        'POSTs lines with different ends, one of them of 70000 bytes, and reads them one by one with readline().',
      applies: atApp,
      async check(experiment) {
        const long = `${'x'.repeat(70_000)}\n`
        await demandReads(
          experiment,
          { readline: 'one\r\n', 'readline#2': '\n', 'readline#3': 'a\rb\n', 'readline#4': long },
          { method: 'POST', body: `one\r\n\na\rb\n${long}` },
        )
      },
    },

    'input.eof-at-content-length': {
      level: 'SHOULD',
      cites: STREAMS,
      says:
        "The server is not required to read past the client's specified Content-Length, and should simulate an " +
        'end-of-file condition if the application attempts to read past that point.',
      experiment:
        'POSTs 5 bytes, keeps the connection open and has the application read 5 bytes and then 10 more: the second read ' +
        'must return nothing, without waiting for the client.',
      applies: atApp,
      check: (experiment) =>
        demandReads(experiment, { 'read:5': 'hello', 'read:10': '' }, { method: 'POST', body: 'hello' }),
    },

    'input.readlines-hint': {
      level: 'MUST',
      cites: STREAMS,
      says:
        `${SEMANTICS} [...] Note that the hint argument to readlines() is optional for both caller and implementer. The ` +
        `application is free not to supply it, and the server or gateway is free to ignore it. [...] ${SUPPORTED}`,
      experiment:
        'POSTs three lines, the last one without an end, and reads them with readlines() and with readlines(5), which ' +
        'may return all of them or stop at the line where the hint is reached.',
      dependsOn: 'input.eof-at-content-length',
      applies: atApp,
      async check(experiment) {
        const lines = ['one\r\n', 'two\n', 'three']
        const shape: Shape = { method: 'POST', body: lines.join(''), wait: BLOCKED_WAIT }
        for (const op of ['readlines', 'readlines:5']) {
          const [read] = await reads(experiment, [op], await ask(experiment, { do: 'read', op }, shape))
          const parts = read!.type === 'bytes' ? read!.parts : undefined
          demand(parts !== undefined, got(read!))
          const fits = parts.length > 0 && parts.every((part, index) => part === lines[index])
          const enough = op === 'readlines:5' || parts.length === lines.length
          demand(fits && enough, `${shown(op)} returned ${JSON.stringify(parts)} of ${JSON.stringify(lines)}`)
        }
      },
    },

    'input.iterate': {
      level: 'MUST',
      cites: STREAMS,
      says: METHODS,
      experiment: 'POSTs three lines, the last one without an end, and iterates over wsgi.input until it is exhausted.',
      dependsOn: 'input.eof-at-content-length',
      applies: atApp,
      async check(experiment) {
        const lines = ['one\r\n', '\n', 'three']
        const shape: Shape = { method: 'POST', body: lines.join(''), wait: BLOCKED_WAIT }
        // A stream that never ends must not fill the memory.
        const op = 'lines:9'
        const [read] = await reads(experiment, [op], await ask(experiment, { do: 'read', op }, shape))
        demand(read!.type === 'bytes', got(read!))
        const given = JSON.stringify(read!.parts)
        demand(given === JSON.stringify(lines), `iterating gave ${given}, not ${JSON.stringify(lines)}`)
      },
    },

    'input.read-no-arg': {
      level: 'SHOULD',
      cites: STREAMS,
      says:
        "A server should allow read() to be called without an argument, and return the remainder of the client's input " +
        'stream.',
      experiment: 'POSTs 5 bytes and reads them with read(2) and then read().',
      applies: atApp,
      check: (experiment) =>
        demandReads(experiment, { 'read:2': 'he', read: 'llo' }, { method: 'POST', body: 'hello' }),
    },

    'input.empty-when-exhausted': {
      level: 'SHOULD',
      cites: STREAMS,
      says: 'A server should return empty bytestrings from any attempt to read from an empty or exhausted input stream.',
      experiment:
        'Reads three times from the input of a GET, and three times more from that of a POST whose body was read ' +
        'already.',
      applies: atApp,
      async check(experiment) {
        await demandReads(experiment, { 'read:1': '', readline: '', 'read:1#2': '' }, {})
        const twice = { 'read:5': 'hello', 'read:1': '', readline: '', 'read:1#2': '' }
        await demandReads(experiment, twice, { method: 'POST', body: 'hello' })
      },
    },

    'input.readline-size': {
      level: 'SHOULD',
      cites: STREAMS,
      says: 'Servers should support the optional "size" argument to readline(), but as in WSGI 1.0, they are allowed to omit support for it.',
      experiment: 'POSTs a line of 7 bytes and reads it with readline(3) and readline(10).',
      applies: atApp,
      check: (experiment) =>
        demandReads(
          experiment,
          { 'readline:3': 'abc', 'readline:10': 'def\n' },
          { method: 'POST', body: 'abcdef\nghi' },
        ),
    },

    'input.unread-body-safe': {
      level: 'MUST',
      cites: 'RFC 9112 §9.3',
      says:
        'A server MUST read the entire request message body or close the connection after sending its response; ' +
        'otherwise, the remaining data on a persistent connection would be misinterpreted as the next request.',
      experiment:
        'POSTs a body that is itself a request to an application that does not read it, and then sends a real request: ' +
        'the one in the body must never reach the application.',
      needs: 'events',
      async check(experiment) {
        const hidden = experiment.nonce()
        // The body is itself a request, so that taking it for one shows at the probe.
        const body = request(experiment.hop, hidden, {})
        const query = { do: 'respond', item: 'unread' }
        const first = proven(await ask(experiment, query, { method: 'POST', body }))
        const nonce = experiment.nonce()
        first.connection.send(request(experiment.hop, nonce, {}))
        const second = await exchange(nonce, first.connection, { wait: 1500 })
        const calls = (await experiment.events(hidden)).length
        demand(calls === 0, 'a body that the application did not read was taken for a request')
        const closed = second.answer.ending === 'cut' && second.answer.head === undefined
        demand(closed || second.proven, `after an unread body the next request got ${describe(second.answer)}`)
      },
    },

    'errors.methods': {
      level: 'MUST',
      cites: STREAMS,
      says: SUPPORTED,
      experiment: 'Calls write(), writelines() and flush() of wsgi.errors with plain text: none may raise an error.',
      applies: atApp,
      async check(experiment) {
        const asked = await ask(experiment, { do: 'errors', text: 'lab: a line that means nothing' })
        const { raised, by } = data(Wrote, asked)
        demand(raised === null, `${by}() of wsgi.errors raised ${raised}`)
      },
    },

    'errors.unicode': {
      level: 'SHOULD',
      cites: VARIABLES,
      says:
        'On platforms where the str type is unicode, the error stream should accept and log arbitrary unicode without ' +
        "raising an error; it is allowed, however, to substitute characters that cannot be rendered in the stream's " +
        'encoding.',
      experiment: 'Writes Latin-1, a currency sign and an emoji to wsgi.errors: no call may raise an error.',
      dependsOn: 'errors.methods',
      applies: atApp,
      async check(experiment) {
        const asked = await ask(experiment, { do: 'errors', text: 'lab \u00e9 \u20ac \u{1f600}' })
        const { raised } = data(Wrote, asked)
        demand(raised === null, `writing Unicode to wsgi.errors raised ${raised}`)
      },
    },

    'errors.reaches-log': {
      level: 'PROSE',
      cites: VARIABLES,
      says:
        'An output stream (file-like object) to which error output can be written, for the purpose of recording program ' +
        'or other errors in a standardized and possibly centralized location.',
      experiment: "Writes a nonce to wsgi.errors and looks for it in the server's log.",
      dependsOn: 'errors.methods',
      needs: 'logs',
      applies: atApp,
      async check(experiment) {
        const text = `lab-${experiment.nonce()}`
        const asked = await ask(experiment, { do: 'errors', text })
        data(z.object({ raised: z.null() }), asked)
        const deadline = performance.now() + LOG_WAIT
        while (!(await experiment.hop.logs!()).includes(text)) {
          demand(performance.now() < deadline, "what was written to wsgi.errors is not in the server's log")
          await sleep(50, undefined, { signal: experiment.signal })
        }
      },
    },
  },
} satisfies Suite
