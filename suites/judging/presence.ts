import { setTimeout as sleep } from 'node:timers/promises'
import type { Hop, Target } from '../../topologies/index.ts'
import { describe } from './answer.ts'
import { alone, eventsOf, nonce } from './experiment.ts'
import type { Finding } from './finding.ts'
import { response } from './origin.ts'
import { isProven, request } from './probe.ts'
import { connect } from './wire.ts'

/** How long a server may take to answer again after an experiment that it did not stand, in milliseconds. */
export const RECOVERY_WAIT = 5000

/** Why nothing can be judged at this hop: undefined as soon as the probe, or the lab's own origin, has proven that it answers there. */
export async function probeAbsent(
  hop: Hop,
  target: Target,
  signal: AbortSignal,
  wait = 0,
): Promise<Finding | undefined> {
  const deadline = performance.now() + wait
  for (;;) {
    const because = await askReady(hop, target, signal)
    if (because === undefined) return undefined
    if (performance.now() >= deadline) return { outcome: 'error', because }
    await sleep(50, undefined, { signal })
  }
}

async function askReady(hop: Hop, target: Target, signal: AbortSignal): Promise<string | undefined> {
  const of = nonce()
  const { origin } = alone(target) ?? {}
  if (origin) origin.script(of, response('200 OK', [`X-Probe: ${of}`, 'Cache-Control: no-store']))
  const what = `no proof that the ${origin ? 'origin' : 'probe'} answered at ${hop.url.href}`
  try {
    using connection = await connect(hop.url, signal)
    connection.send(request(hop, of, {}, { path: 'ready', fields: ['Connection: close'] }))
    const answer = await connection.answer()
    if (answer.head?.status !== 200 || !isProven(answer, of)) return `${what}: ${describe(answer)}`
  } catch (error) {
    signal.throwIfAborted()
    return `${what}: ${error instanceof Error ? error.message : String(error)}`
  }
  if (!target.events) return undefined
  const events = await eventsOf(target.events, of, signal, (seen) => seen.length > 0)
  return events.length > 0 ? undefined : `the probe answered at ${hop.url.href}, but its event log shows nothing of it`
}
