/**
 * Sentences of a specification that several clauses stand on.
 */

/** RFC 9112 §2.2, for all that matches no grammar and has no rule of its own. */
export const NO_MESSAGE =
  'When a server listening only for HTTP request messages, or processing what appears from the start-line to be an ' +
  'HTTP request message, receives a sequence of octets that does not match the HTTP-message grammar aside from the ' +
  'robustness exceptions listed above, the server SHOULD respond with a 400 (Bad Request) response and close the ' +
  'connection.'

/** RFC 9112 §3.2. */
export const INVALID_HOST =
  'A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that lacks a Host ' +
  'header field and to any request message that contains more than one Host header field line or a Host header ' +
  'field with an invalid field value.'
