import { ask, data, exchange, Reads, request } from '../judging/probe.ts'
import { describe } from '../judging/answer.ts'
import { demand, type Suite } from './index.ts'

const EXPECT_WAIT = 800
const LOST_WAIT = 1500

export default {
  name: 'pep3333-http',
  title: 'PEP 3333: HTTP features',
  clauses: {
    'expect.transparent': {
      level: 'MUST',
      cites: 'PEP 3333, HTTP 1.1 Expect/Continue',
      says:
        'Servers and gateways that implement HTTP 1.1 must provide transparent support for HTTP 1.1\'s "expect/continue" ' +
        'mechanism.',
      async check(experiment) {
        const nonce = experiment.nonce()
        const connection = await experiment.connect()
        const fields = ['Expect: 100-continue', 'Content-Length: 5']
        const shape = { method: 'POST', fields }
        connection.send(request(experiment.hop, nonce, { do: 'read', op: 'body' }, shape))
        // "Wait until the client decides that the server does not support expect/continue" is the third allowed way.
        await connection.heard(EXPECT_WAIT)
        connection.send('hello')
        const asked = await exchange(nonce, connection, shape)
        demand(asked.proven && asked.answer.head!.status === 200, `Expect: 100-continue got ${describe(asked.answer)}`)
        const { interim } = asked.answer
        const odd = interim.find(({ status }) => status !== 100)
        demand(odd === undefined, `an interim response ${odd?.status} came instead of 100`)
        const [read] = data(Reads, asked)
        demand(
          read?.value === 'hello',
          `the application read ${JSON.stringify(read?.value ?? read?.raised)}, not "hello"`,
        )
      },
    },

    'hop-by-hop.inbound-decoded': {
      level: 'MUST',
      cites: 'PEP 3333, Other HTTP Features',
      says:
        'WSGI servers must handle any supported inbound "hop-by-hop" headers on their own, such as by decoding any ' +
        'inbound Transfer-Encoding, including chunked encoding if applicable.',
      async check(experiment) {
        const asked = await ask(
          experiment,
          { do: 'read', op: 'body' },
          {
            method: 'POST',
            fields: ['Transfer-Encoding: chunked'],
            body: '3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n',
            wait: LOST_WAIT,
          },
        )
        const { head, ending } = asked.answer
        // "any supported": a server that says that it does not support the coding is within the rule.
        if (!asked.proven && ending === 'complete' && [400, 411, 501].includes(head!.status))
          return { saw: `refuses a chunked request body (${describe(asked.answer)})` }
        demand(asked.proven, `a chunked request body got ${describe(asked.answer)}`)
        const [read] = data(Reads, asked)
        const got = read?.raised === undefined ? JSON.stringify(read?.value) : `an error (${read.raised})`
        demand(read?.value === 'hello', `from the chunked body "hello" the application read ${got}`)
      },
    },
  },
} satisfies Suite
