import { fault } from '../faults.ts'
import { without } from '../messages.ts'

export default [
  fault('hop.connection-listed-removed', 'passes on what Connection lists', { connectionOptions: () => [] }),

  fault('hop.known-removed', 'passes TE on, which belongs to one connection', {
    isHopByHop: (name) => /^(connection|keep-alive|proxy-connection|transfer-encoding|upgrade)$/i.test(name),
  }),

  fault('via.added', 'adds no Via to requests', { withRequestVia: (fields) => without(fields, 'via') }),
]
