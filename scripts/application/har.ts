import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { usageError } from '../choices.ts'
import type { Requests } from './index.ts'
import { requestTarget } from './request-target.ts'

/** What is read of an HTTP Archive (HAR 1.2); it has much more. */
const Har = z.object({
  log: z.object({
    entries: z.array(
      z.object({
        request: z.object({ method: z.string(), url: z.url() }),
        response: z.object({ status: z.number() }).optional(),
      }),
    ),
  }),
})
type Entry = z.infer<typeof Har>['log']['entries'][number]

const HOW = 'Let a browser’s network tools save one of a visit to your application: "Save all as HAR".'

/**
 * The GET requests of a recording to the host of its first entry, each path as often as it was asked for there. Says in one line
 * what of it is left out.
 */
export function recordedRequests(file: string, say: (line: string) => void): Requests {
  const entries = entriesOf(file)
  const host = entries.length === 0 ? '' : new URL(entries[0]!.request.url).host
  const why = ({ request, response }: Entry): string | undefined => {
    const url = new URL(request.url)
    if (url.host !== host || !/^https?:$/.test(url.protocol)) return 'of another host'
    if (request.method !== 'GET') return 'with another method than GET'
    return (response?.status ?? 0) >= 400 ? 'answered with an error' : undefined
  }
  const counts = new Map<string, number>()
  const left = new Map<string, number>()
  for (const entry of entries) {
    const reason = why(entry)
    const url = new URL(entry.request.url)
    // Browsers record paths as they send them; a fragment never is.
    const [into, key] = reason === undefined ? [counts, requestTarget(url.pathname + url.search)] : [left, reason]
    into.set(key, (into.get(key) ?? 0) + 1)
  }
  const total = entries.length - [...left.values()].reduce((sum, count) => sum + count, 0)
  if (total === 0) throw usageError(`${file} has no GET request${host && ` to ${host}`} that was answered well.`, HOW)
  if (total < entries.length) {
    const reasons = [...left].map(([reason, count]) => `${count} ${reason}`).join(', ')
    say(`Of the ${entries.length} requests in ${file}, ${total} are asked for; left out: ${reasons}.`)
  }
  const [first, ...others] = [...counts].map(([path, count]) => ({ share: count / total, path }))
  return [first!, ...others]
}

function entriesOf(file: string): readonly Entry[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw usageError(`${file} cannot be read: ${(error as Error).message}.`, HOW)
  }
  try {
    // Some browsers begin the file with a mark of byte order.
    return Har.parse(JSON.parse(text.replace(/^\uFEFF/, ''))).log.entries
  } catch {
    throw usageError(`${file} is no HTTP Archive (HAR 1.2).`, HOW)
  }
}
