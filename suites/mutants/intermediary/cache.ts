import { ownAnswer, passedOn, type Answer } from './answers.ts'
import { wholeBody, type Body } from './bodies.ts'
import type { Answering, Asked } from './client.ts'
import type { Conduct, Excuse, Handled, Stored } from './conduct.ts'
import { Failed, without, type Fields, type Request } from './messages.ts'
import { reused } from './reuse.ts'
import { storeOf } from './store.ts'
import type { Response, Upstream } from './upstream.ts'

/** Answers requests from a store where that may be, and from upstream else. */
export function cached(upstream: Upstream, conduct: Conduct): Answering {
  const store = storeOf(conduct)
  /** What is being fetched, by key: resolved when it is stored, or known not to be. */
  const pending = new Map<string, Promise<void>>()

  async function answer(asked: Asked): Promise<Answer> {
    return conduct.looksUp(asked.request) ? lookedUp(asked, false) : passed(asked, 'bypass')
  }

  async function lookedUp(asked: Asked, collapsed: boolean): Promise<Answer> {
    const { request } = asked
    const now = Date.now()
    const key = conduct.cacheKey(request)
    const stored = store.find(request)
    const use = stored && conduct.use(stored, request, now)
    if (use === 'stale-while-revalidate' && !pending.has(key)) void revalidated(asked, stored!)
    if (use === 'fresh' || use === 'stale-while-revalidate')
      return told(reused(stored!, request, conduct), { hit: true, collapsed })
    if (conduct.onlyIfCached(request))
      return ownAnswer(conduct.refusal(504, 'nothing is stored that may be used'), conduct)
    if (request.method === 'HEAD') return passed(asked, stored ? 'stale' : 'miss')
    const running = pending.get(key)
    if (running === undefined || collapsed || !conduct.collapses(request)) return fetched(asked, stored)
    await running
    return lookedUp(asked, true)
  }

  /** Asks the upstream, with the validators of what is stored, and stores what comes. */
  async function fetched(asked: Asked, stored: Stored | undefined): Promise<Answer> {
    const { request } = asked
    const done = fetching(conduct.cacheKey(request))
    const requestedAt = Date.now()
    try {
      const response = await sent(asked, (fields) => (stored ? conduct.validatingFields(fields, stored) : fields))
      const { head } = response
      if (stored && head.status === 304) {
        done()
        return await validated(asked, stored, response, requestedAt)
      }
      if (stored && conduct.isServerError(head.status) && excused(stored, request, 'error')) {
        response.abandon()
        done()
        return told(reused(stored, request, conduct), { hit: false, forwarded: 'stale', status: head.status })
      }
      if (stored && !conduct.isServerError(head.status)) store.drop(stored)
      const forwarded = stored ? 'stale' : 'miss'
      if (conduct.isStorable(request, head)) return kept(response, request, requestedAt, forwarded, done)
      done()
      return told(passedOn(response, request, conduct), { hit: false, forwarded, status: head.status })
    } catch (error) {
      done()
      if (!(error instanceof Failed) || !stored) throw error
      if (excused(stored, request, error.how === 'silent' ? 'silent' : 'unreachable'))
        return told(reused(stored, request, conduct), { hit: false, forwarded: 'stale' })
      return ownAnswer(conduct.failureAnswer(error, stored), conduct)
    }
  }

  /** The answer after a 304 to our own condition. */
  async function validated(asked: Asked, stored: Stored, { head }: Response, requestedAt: number): Promise<Answer> {
    if (!conduct.confirms(stored, head)) {
      store.drop(stored)
      return fetched(unconditional(asked), undefined)
    }
    const fresh = conduct.updated(stored, head, requestedAt, Date.now())
    store.replace(stored, fresh)
    const handled: Handled = { hit: false, forwarded: 'stale', status: 304 }
    return told(reused(fresh, asked.request, conduct), handled)
  }

  const excused = (stored: Stored, request: Request, excuse: Excuse): boolean =>
    conduct.mayServeStale(stored, request, excuse, Date.now())

  /** Fetches in the background what was served stale. */
  async function revalidated(asked: Asked, stored: Stored): Promise<void> {
    const { signal } = new AbortController()
    const aside = unconditional({ ...asked, body: wholeBody(Buffer.alloc(0)), interim: async () => {}, signal })
    try {
      const { body } = await fetched(aside, stored)
      while ((await body.read()) !== undefined);
    } catch {
      // What is stored is served for as long as it may be.
    }
  }

  /** Passes a request on without looking into the store; what it does may make stored responses invalid. */
  async function passed(asked: Asked, forwarded: string): Promise<Answer> {
    const { request } = asked
    const requestedAt = Date.now()
    const response = await sent(asked, (fields) => fields)
    const { head } = response
    if (conduct.invalidates(request, head)) store.invalidate(conduct.invalidated(request, head))
    const stored = request.method === 'HEAD' ? store.find(request) : undefined
    const said = stored && conduct.headSays(stored, head)
    if (said === 'update') store.replace(stored!, conduct.updated(stored!, head, requestedAt, Date.now()))
    if (said === 'drop') store.drop(stored!)
    return told(passedOn(response, request, conduct), { hit: false, forwarded, status: head.status })
  }

  function sent({ request, body, interim, signal }: Asked, change: (fields: Fields) => Fields): Promise<Response> {
    const fields = change(conduct.forwardedRequestFields(request))
    return upstream.ask({ request, fields, body, interim, signal })
  }

  /** Says that something is being fetched, until the function that it returns is called. */
  function fetching(key: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    pending.set(key, promise)
    return () => {
      if (pending.get(key) === promise) pending.delete(key)
      resolve()
    }
  }

  /** The answer from upstream, which is stored as soon as all of it was passed on. */
  function kept(
    response: Response,
    request: Request,
    requestedAt: number,
    forwarded: string,
    done: () => void,
  ): Answer {
    const { head } = response
    const receivedAt = Date.now()
    const pieces: Buffer[] = []
    const keep = (): void => {
      const merged = conduct.mergedTrailers(response.body.trailers)
      const fields = conduct.withDate(conduct.withResponseVia([...conduct.storedFields(head), ...merged], head))
      const body = Buffer.concat(pieces)
      const { method, fields: asked } = request
      store.add(request, {
        request: { method, fields: asked },
        head: { ...head, fields },
        body,
        requestedAt,
        receivedAt,
      })
      done()
    }
    const answer = passedOn(response, request, conduct)
    if (answer.body.ended) keep()
    const abandon = (): void => {
      response.abandon()
      if (conduct.storesCut(head)) keep()
      done()
    }
    const handled: Handled = { hit: false, forwarded, status: head.status, stored: true }
    return { ...told({ ...answer, body: watched(answer.body, pieces, keep) }, handled), abandon }
  }

  /** An answer that says how it was made. */
  function told(answer: Answer, handled: Handled): Answer {
    const said = conduct.cacheStatus(handled)
    if (said === undefined) return answer
    return { ...answer, head: { ...answer.head, fields: [...answer.head.fields, ['Cache-Status', said]] } }
  }

  return answer
}

/** A body of which every piece is kept; `over` is called at its end. */
function watched(body: Body, pieces: Buffer[], over: () => void): Body {
  const { length, trailers } = body
  return {
    length,
    trailers,
    get ended() {
      return body.ended
    },
    async read() {
      const before = body.ended
      const piece = await body.read()
      if (piece !== undefined) pieces.push(piece)
      if (body.ended && !before) over()
      return piece
    },
  }
}

/** A request without conditions and ranges of the client's own. */
function unconditional(asked: Asked): Asked {
  const fields = without(asked.request.fields, 'if-none-match', 'if-modified-since', 'if-range', 'range')
  return { ...asked, request: { ...asked.request, fields } }
}
