import type { Conduct } from '../conduct.ts'
import { answering } from './answering.ts'
import { bodies, fields } from './fields.ts'
import { forwardingRequests, upstream } from './forwarding-requests.ts'
import { forwardingResponses } from './forwarding-responses.ts'
import { caching } from './caching/index.ts'
import { requests } from './requests.ts'
import { responses } from './responses.ts'

/** What a proxy and a shared cache do that keep every rule. */
export const strict: Conduct = {
  ...fields,
  ...requests,
  ...bodies,
  ...responses,
  ...answering,
  ...forwardingRequests,
  ...upstream,
  ...forwardingResponses,
  ...caching,
}
