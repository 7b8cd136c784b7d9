import type { Hop, Target } from '../../../topologies/index.ts'
import { startedOrigin, type AloneTarget } from '../../judging/origin.ts'
import type { Conduct } from './conduct.ts'
import type { ListedFault } from './faults.ts'
import { startedIntermediary } from './index.ts'
import { strict } from './strict/index.ts'

/** Which intermediary is started: the strict one, or one with a fault; a cache or a proxy that stores nothing. */
export interface Kind {
  readonly fault?: ListedFault
  readonly cache: boolean
}

/** An intermediary as the judge sees it, with what stands behind it. */
interface Started<T extends Target> extends AsyncDisposable {
  readonly target: T
}

/** An application's server may be asked to take its time; only at the lab's own origin is silence a fault. */
const CHAIN_PATIENCE = 20_000
let networks = 0

/** An intermediary between the lab's client and an origin of its own, in a network of its own. */
export async function alone(kind: Kind): Promise<Started<AloneTarget>> {
  const network = `127.${100 + (networks >> 8)}.${networks++ & 255}`
  await using stack = new AsyncDisposableStack()
  const origin = stack.use(await startedOrigin(`${network}.11`))
  const intermediary = stack.use(
    await startedIntermediary({
      host: `${network}.12`,
      behind: origin.address,
      conduct: conductOf(kind),
      cache: kind.cache,
    }),
  )
  const owned = stack.move()
  return {
    target: { hops: [hopOf(kind, intermediary.url)], origin },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** An intermediary in front of a gateway, in the gateway's network. */
export async function inFrontOf(gateway: Target, kind: Kind): Promise<Started<Target>> {
  const app = gateway.hops.at(-1)!
  const intermediary = await startedIntermediary({
    host: app.url.hostname.replace(/\.\d+$/, '.12'),
    behind: { host: app.url.hostname, port: Number(app.url.port) },
    conduct: conductOf(kind),
    cache: kind.cache,
    patience: CHAIN_PATIENCE,
  })
  return {
    target: { ...gateway, hops: [hopOf(kind, intermediary.url), app] },
    [Symbol.asyncDispose]: () => intermediary[Symbol.asyncDispose](),
  }
}

function conductOf({ fault }: Kind): Conduct {
  const change = typeof fault?.change === 'function' ? fault.change() : fault?.change
  return { ...strict, ...change }
}

function hopOf({ fault, cache }: Kind, url: URL): Hop {
  return { role: cache ? 'cache' : 'proxy', server: fault?.key ?? 'strict', url }
}
