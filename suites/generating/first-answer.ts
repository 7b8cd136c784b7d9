import { once } from 'node:events'
import http from 'node:http'
import type { Load } from '../generators/index.ts'

/** What one answer shows of all others. */
interface FirstAnswer {
  /** How it differs from what is expected; undefined when it does not. */
  readonly wrong?: string
  /** Whether the server closes the connection behind it. */
  readonly closes: boolean
}

/**
 * Sends one request before a load whose answers nobody looks at closely. Undefined when there is no answer: whoever produces
 * the load finds that, too.
 */
export async function firstAnswer(load: Load, signal: AbortSignal): Promise<FirstAnswer | undefined> {
  const { url, uploadBytes, expects, connection, timeoutSeconds } = load
  const agent = new http.Agent({ keepAlive: connection !== 'close' })
  try {
    const request = http.request(url, {
      agent,
      method: uploadBytes === undefined ? 'GET' : 'POST',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1e3)]),
    })
    request.end(Buffer.alloc(uploadBytes ?? 0, 'x'))
    // The event has this one argument (node:http).
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    let bytes = 0
    for await (const chunk of response as AsyncIterable<Buffer>) bytes += chunk.length
    const persists = response.headers.connection?.toLowerCase() ?? (response.httpVersion === '1.0' ? 'close' : '')
    const wrong = wrongIn(response.statusCode!, bytes, expects)
    return { ...(wrong === undefined ? {} : { wrong }), closes: persists === 'close' }
  } catch {
    signal.throwIfAborted()
    return undefined
  } finally {
    agent.destroy()
  }
}

function wrongIn(status: number, bytes: number, expects: Load['expects']): string | undefined {
  if (expects ? status !== expects.status : status < 200 || status > 399) return `status ${status}`
  return expects?.bytes !== undefined && bytes !== expects.bytes ? `${bytes} bytes` : undefined
}
