import { describe } from '../judging/answer.ts'
import { response } from '../judging/origin.ts'
import { forwarded, through } from '../judging/through.ts'
import { demand, type Suite } from './index.ts'

export default {
  name: 'rfc9112-upstream',
  title: 'RFC 9112: what an intermediary makes of an origin’s responses',
  alone: true,
  clauses: {
    'interim.103-passed': {
      level: 'SHOULD',
      cites: 'RFC 9110 §15.2',
      says: 'A proxy MUST forward 1xx responses unless the proxy itself requested the generation of the 1xx response.',
      experiment: 'x',
      async check(experiment) {
        const nonce = experiment.nonce()
        const final = response('200 OK', ['Cache-Control: no-store'], 'final')
        experiment.origin.script(nonce, { steps: ['HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', ...final.steps] })
        const passage = await through(experiment, nonce)
        await forwarded(experiment, nonce, passage)
        const { answer } = passage
        demand(answer.head?.status === 200 && answer.body.toString() === 'final', `got ${describe(answer)}`)
      },
    },
  },
} satisfies Suite
