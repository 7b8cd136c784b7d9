import type { Plan, RequestClass } from '../../reports/run.ts'
import { gotValues } from '../../suites/judging/answer.ts'
import type { Part } from '../../suites/load/index.ts'
import type { Deployment } from '../../topologies/runtimes/index.ts'
import { answerTo } from '../application/answered.ts'

/** What is asked of one topology, by what it costs its tiers. */
export type Kinds = Readonly<Record<RequestClass, readonly Part[]>>

/**
 * Asks a deployment for each of the requests alone: what is answered wrongly is told before anything is measured. What a cache
 * keeps is known by asking twice: it says so itself.
 */
export async function kindsOf(
  deployment: Deployment,
  requests: readonly Part[],
  isFile: (path: string) => boolean,
  signal: AbortSignal,
): Promise<Kinds> {
  const hasCache = deployment.services.some(({ role }) => role === 'cache')
  const kinds: Record<RequestClass, Part[]> = { dynamic: [], cached: [], static: [] }
  for (const part of requests) {
    let keeping = await keepingOf(deployment, part, signal)
    if (isFile(part.path)) {
      kinds.static.push(part)
      continue
    }
    if (hasCache) keeping = await keepingOf(deployment, part, signal)
    if (keeping === 'kept') kinds.cached.push(part)
    // Whatever a cache might keep is asked for so that it does not have it.
    kinds.dynamic.push(hasCache && keeping !== 'never' ? neverAsked(part) : part)
  }
  return kinds
}

/** Whether a cache has kept an answer, might, or never will. */
type Keeping = 'kept' | 'perhaps' | 'never'

async function keepingOf(...asked: Parameters<typeof answerTo>): Promise<Keeping> {
  const answer = await answerTo(...asked)
  // The lab's caches say so in the one, RFC 9111 section 5.1 has them say it in the other.
  const isHit = gotValues(answer, 'X-Cache').some((value) => /\bHIT\b/i.test(value))
  const age = Number(gotValues(answer, 'Age').at(-1) ?? 0)
  const forbids = /\bno-store\b|\bprivate\b/i.test(gotValues(answer, 'Cache-Control').join())
  return isHit || age > 0 ? 'kept' : forbids ? 'never' : 'perhaps'
}

/** The same request with a query that nobody asked before, which no cache can have an answer to. */
function neverAsked(part: Part): Part {
  const path = `${part.path}${part.path.includes('?') ? '&' : '?'}lab={page}`
  return { ...part, path, pages: { count: 1, exponent: 0.8, hitRatio: 0 } }
}

/** Shares of the requests of each class, where a cache may answer what any topology's cache kept. */
export function sharesOf(requests: readonly Part[], found: readonly Kinds[]): Plan['shares'] {
  const sum = (parts: readonly Part[]): number => parts.reduce((total, { share }) => total + share, 0)
  const ofSome = (kind: 'cached' | 'static'): number =>
    sum(requests.filter((part) => found.some((kinds) => kinds[kind].includes(part))))
  const [cached, files] = [ofSome('cached'), ofSome('static')]
  return { dynamic: Math.max(0, 1 - cached - files), cached, static: files }
}
