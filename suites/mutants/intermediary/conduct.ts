import type { Failed, Field, Fields, Framing, Request, RequestHead, ResponseHead } from './messages.ts'

/**
 * Every decision of the proxy and cache, by name. `strict/` holds what the specifications ask for; a mutant replaces one
 * or a few by what they forbid. Decisions call one another through `this`, so that what is replaced is replaced everywhere.
 */
export interface Conduct
  extends
    ReadingFields,
    ReadingRequests,
    ReadingBodies,
    ReadingResponses,
    Answering,
    ForwardingRequests,
    Upstream,
    ForwardingResponses,
    Caching {}

/** Lines and fields, of requests and responses alike. What throws `Refused` gives a client 400 and an upstream 502. */
export interface ReadingFields {
  /** Longest line and most fields of a head. */
  lineLimit(): number
  fieldLinesLimit(): number
  /** A line without its end, from one that ends before LF. */
  lineWithoutEnd(line: string): string
  checkFieldName(name: string): void
  checkFieldValue(value: string): void
}

/** Requests, as the client sends them. */
export interface ReadingRequests {
  /** Whether an empty line before the request line is passed over, when so many were already. */
  skipsEmptyLine(already: number): boolean
  requestLine(line: string): Pick<RequestHead, 'method' | 'target' | 'version'>
  checkVersion(version: string): void
  /** The lines of fields with folded ones joined, or refused. */
  unfoldedRequest(lines: readonly string[]): readonly string[]
  requestField(line: string): Field
  /** Path and authority of whichever form the target has, with the checks of the form. */
  resolvedTarget(head: RequestHead): Pick<Request, 'path' | 'authority'>
  /** Checks the Host fields: one of them, valid; none is for HTTP/1.0 alone. */
  checkHost(head: RequestHead): void
  checkHostValue(host: string): void
  requestFraming(head: RequestHead): Framing
  refuseBothFramings(head: RequestHead): void
  /** Whether the Transfer-Encoding says chunked; refuses any other coding and HTTP/1.0. */
  isRequestChunked(head: RequestHead): boolean
  /** The one value of Content-Length fields. */
  contentLength(values: readonly string[]): number
  /** Whether the client may send another request on its connection. */
  isPersistent(request: Request): boolean
}

/** Chunked bodies, of requests and responses alike. */
export interface ReadingBodies {
  chunkSize(line: string): number
  /** Checks the line that ends a chunk's data: it must be empty. */
  checkChunkEnd(line: string): void
  trailerField(line: string): Field
  /** The trailer fields that are passed on. */
  keptTrailers(trailers: Fields, head: { readonly fields: Fields }): Fields
}

/** Responses, as the upstream sends them. */
export interface ReadingResponses {
  statusLine(line: string): Pick<ResponseHead, 'version' | 'status' | 'reason'>
  unfoldedResponse(lines: readonly string[]): readonly string[]
  responseField(line: string): Field
  responseFraming(head: ResponseHead, request: Request): Framing
  /** Whether a 1xx is one that another response follows. */
  isInterim(head: ResponseHead): boolean
}

/** An answer of the intermediary's own. */
export interface Own {
  readonly status: number
  readonly fields?: Fields
  readonly body?: string | Buffer
}

/** What is answered without asking the upstream. */
export interface Answering {
  /** The answer to a request that goes no further; undefined for one that does. */
  ownAnswer(request: Request): Own | undefined
  refusesMethod(request: Request): Own | undefined
  /** Whether Max-Forwards ends the way of this request here. */
  isLastForward(request: Request): boolean
  lastForwardAnswer(request: Request): Own
  refusal(status: number, because: string): Own
  /** `stored` is what was to be validated, where a cache had something. */
  failureAnswer(failure: Failed, stored?: Stored): Own
}

/** What the upstream is sent. */
export interface ForwardingRequests {
  forwardedMethod(request: Request): string
  forwardedTarget(request: Request): string
  /** All fields but those that frame the body, made by the steps below. */
  forwardedRequestFields(request: Request): Fields
  /** Names, in lower case, that the Connection field gives to this connection alone. */
  connectionOptions(fields: Fields): readonly string[]
  /** Whether a field is known to be for one connection. */
  isHopByHop(name: string): boolean
  /** Without fields for one connection. */
  endToEndRequestFields(fields: Fields): Fields
  withHost(fields: Fields, request: Request): Fields
  withRequestVia(fields: Fields, request: Request): Fields
  withForwardedFor(fields: Fields, request: Request): Fields
  withMaxForwards(fields: Fields, request: Request): Fields
  withExpectation(fields: Fields, request: Request): Fields
  requestFramingFields(request: Request): Fields
  /** Fields about the connection to the upstream. */
  ownRequestFields(request: Request): Fields
  /** A piece of the request's content, as it is passed on. */
  requestPiece(piece: Buffer, request: Request): Buffer
  /** Whether the whole request is awaited before the upstream hears of it. */
  buffersRequest(request: Request): boolean
}

/** How the upstream is dealt with. */
export interface Upstream {
  /** Whether a connection that another request used may carry this one. */
  mayUseOldConnection(request: Request): boolean
  /** Whether a connection is kept after a response. */
  keepsConnection(head: ResponseHead, framing: Framing): boolean
  /** Whether bytes that follow a response, and that no request asked for, may be the next one. */
  takesUnasked(): boolean
  /**
   * Whether a request that failed is sent once more; `old` is whether another request used the connection before. With a
   * body that is possible only where `buffersRequest` has kept it.
   */
  mayRetry(request: Request, failure: Failed, old: boolean): boolean
  /** Milliseconds that the upstream may be silent; `usual` is how the intermediary was started. */
  patience(usual: number): number
}

/** What the client is sent. */
export interface ForwardingResponses {
  passesInterim(interim: ResponseHead, request: Request): boolean
  forwardedInterimFields(interim: ResponseHead, request: Request): Fields
  forwardedStatus(head: ResponseHead): Pick<ResponseHead, 'status' | 'reason'>
  /** All fields but those that frame the body, made by the steps below. */
  forwardedResponseFields(head: ResponseHead, request: Request): Fields
  endToEndResponseFields(fields: Fields): Fields
  withResponseVia(fields: Fields, head: ResponseHead): Fields
  withDate(fields: Fields): Fields
  /** Whether a response to this method with this status has no body, whatever its fields say. */
  isBodyless(method: string, status: number): boolean
  /** How the body is framed for the client. `known` is its length where that is known. */
  outgoingFraming(head: ResponseHead, request: Request, known: number | undefined): Framing
  responseFramingFields(framing: Framing, head: ResponseHead, request: Request): Fields
  /** A piece of the response's content, as it is passed on. */
  responsePiece(piece: Buffer, head: ResponseHead): Buffer
  /** Whether the whole response is awaited before the client hears of it. */
  buffersResponse(head: ResponseHead): boolean
  /** Whether the client is shown that a response was cut; with `buffersResponse` it can be made to look whole. */
  showsCut(head: ResponseHead): boolean
}

/** The directives of Cache-Control fields: names in lower case, the first of each; true for one without an argument. */
export type Directives = ReadonlyMap<string, string | true>

/** A response that was stored, complete. Times are milliseconds since the epoch. */
export interface Stored {
  /** The request that it answered. */
  readonly request: Pick<Request, 'method' | 'fields'>
  readonly head: ResponseHead
  readonly body: Buffer
  readonly requestedAt: number
  readonly receivedAt: number
}

/** Why a stale response might be served all the same. */
export type Excuse = 'client' | 'while-revalidate' | 'unreachable' | 'silent' | 'error'

/** What a stored response is used for. */
export type Use = 'fresh' | 'stale-while-revalidate' | 'validate'

/** What came of a request at the cache, for Cache-Status. */
export interface Handled {
  readonly hit: boolean
  /** Why the upstream was asked: `miss`, `stale`, `request`, `method`, `bypass` ... (RFC 9211 §2.2). */
  readonly forwarded?: string
  readonly status?: number
  readonly stored?: boolean
  readonly collapsed?: boolean
}

/** What a shared cache decides. */
export interface Caching {
  directives(fields: Fields): Directives
  /** The directives that this cache follows of a response: Cache-Control, or a field that is meant for this very cache. */
  responseDirectives(fields: Fields): Directives
  /** The seconds of a directive's argument; 0 for an invalid one. */
  deltaSeconds(argument: string | true): number
  /** An HTTP-date in milliseconds since the epoch; undefined for anything else. */
  httpDate(text: string): number | undefined

  // Which stored responses are looked for
  cacheKey(request: Request): string
  /** Whether a request may be answered from the store at all. */
  looksUp(request: Request): boolean
  varyMatches(stored: Stored, request: Request): boolean
  /** A value of a field that Vary names, for comparing. */
  comparable(values: readonly string[], name: string): string
  /** The one of several that fit. */
  chosen(stored: readonly Stored[]): Stored | undefined

  // What is stored
  isStorable(request: Request, head: ResponseHead): boolean
  isMethodCacheable(method: string): boolean
  understandsStatus(status: number): boolean
  forbidsStoring(request: Request, head: ResponseHead): boolean
  authorizationAllows(request: Request, head: ResponseHead): boolean
  /** Whether a response says that it may be stored, or can be validated later. */
  isWorthStoring(head: ResponseHead): boolean
  storesSetCookie(head: ResponseHead): boolean
  storedFields(head: ResponseHead): Fields
  /** Trailer fields that are stored as if they had stood in the head. */
  mergedTrailers(trailers: Fields): Fields
  /** Whether a response that was cut is stored like a whole one. */
  storesCut(head: ResponseHead): boolean

  // Freshness
  /** Seconds for which a response is fresh. */
  lifetime(stored: Stored): number
  heuristicLifetime(stored: Stored): number
  ageValue(fields: Fields): number
  /** Seconds of age at a time, with fractions. */
  age(stored: Stored, now: number): number
  isFresh(stored: Stored, now: number): boolean
  use(stored: Stored, request: Request, now: number): Use
  /** Whether the request's own directives want a validation. */
  requestWantsValidation(stored: Stored, request: Request, now: number): boolean
  responseWantsValidation(stored: Stored): boolean
  onlyIfCached(request: Request): boolean
  forbidsStale(stored: Stored): boolean
  mayServeStale(stored: Stored, request: Request, excuse: Excuse, now: number): boolean

  // Validation
  /** The fields of a request that validates a stored response. */
  validatingFields(fields: Fields, stored: Stored): Fields
  /** Whether a 304 is about this stored response. */
  confirms(stored: Stored, head: ResponseHead): boolean
  updated(stored: Stored, head: ResponseHead, requestedAt: number, receivedAt: number): Stored
  /** Whether a response to HEAD confirms (`update`) or refutes (`drop`) a stored one, or says nothing of it. */
  headSays(stored: Stored, head: ResponseHead): 'update' | 'drop' | undefined
  /** Whether a status in answer to a validation counts as an error that a stale response may stand in for. */
  isServerError(status: number): boolean

  // Answers from the store
  /** What the client's own condition makes of a stored response: 304, or nothing. */
  isNotModified(stored: Stored, request: Request): boolean
  weaklyMatches(one: string, other: string): boolean
  notModifiedFields(fields: Fields): Fields
  /** The ranges of a stored response that are asked for; undefined for all of it. */
  ranges(
    stored: Stored,
    request: Request,
  ): readonly (readonly [first: number, last: number])[] | 'unsatisfiable' | undefined
  ifRangeHolds(stored: Stored, request: Request): boolean
  /** The fields of an answer to a range, 206 or 416. */
  rangeFields(head: ResponseHead): Fields
  reusedFields(stored: Stored, now: number): Fields
  cacheStatus(handled: Handled): string | undefined

  // What else happens to the store
  /** The keys that become invalid with this answer. */
  invalidated(request: Request, head: ResponseHead): readonly string[]
  invalidates(request: Request, head: ResponseHead): boolean
  /** Whether requests for what is just being fetched wait for that. */
  collapses(request: Request): boolean
}
