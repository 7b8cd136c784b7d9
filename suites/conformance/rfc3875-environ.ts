import { ask, data, Environ, environ } from '../judging/probe.ts'
import { describe } from '../judging/answer.ts'
import { demand, type Suite } from './index.ts'

export default {
  name: 'rfc3875-environ',
  title: 'RFC 3875: what the environ inherits from CGI',
  clauses: {
    'cgi.request-method': {
      level: 'MUST',
      cites: 'RFC 3875 §4.1.12',
      says:
        'The REQUEST_METHOD meta-variable MUST be set to the method which should be used by the script to process the ' +
        'request, as described in section 4.3. [...] The method is case sensitive.',
      async check(experiment) {
        for (const method of ['PATCH', 'DELETE', 'LABel']) {
          const asked = await ask(experiment, { do: 'environ' }, { method })
          // A server need not take every method (RFC 9110 §9.1), but must not make another of it.
          if (!asked.proven && asked.answer.ending === 'complete' && asked.answer.head!.status >= 400)
            return { saw: `refuses the method ${method} (${describe(asked.answer)})` }
          const seen = data(Environ, asked).values['REQUEST_METHOD']
          demand(seen === method, `the method ${method} became REQUEST_METHOD ${JSON.stringify(seen)}`)
        }
      },
    },

    'cgi.repeats-merged': {
      level: 'MUST',
      cites: 'RFC 3875 §4.1.18',
      says:
        'If multiple header fields with the same field-name are received then the server MUST rewrite them as a single ' +
        'value having the same semantics.',
      async check(experiment) {
        const { values } = await environ(experiment, { fields: ['X-Lab: one', 'X-Lab: two'] })
        const merged = values['HTTP_X_LAB']
        const same = /^one[ \t]*,[ \t]*two$/.test(merged ?? '')
        demand(same, `X-Lab: one and X-Lab: two became HTTP_X_LAB ${JSON.stringify(merged)}`)
      },
    },

    'cgi.underscore-collision': {
      level: 'RECORD',
      cites: 'RFC 3875 §4.1.18',
      says:
        'The HTTP header field name is converted to upper case, has all occurrences of "-" replaced with "_" and has ' +
        '"HTTP_" prepended to give the meta-variable name.',
      async check(experiment) {
        const { values } = await environ(experiment, { fields: ['X-Lab-User: real', 'X_Lab_User: spoofed'] })
        const seen = JSON.stringify(values['HTTP_X_LAB_USER'])
        return { saw: `X-Lab-User: real and X_Lab_User: spoofed became HTTP_X_LAB_USER ${seen}` }
      },
    },
  },
} satisfies Suite
