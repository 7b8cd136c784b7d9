import type { Chain, Setting, Tier, Topology } from '../index.ts'
import type { AppServer } from '../servers/index.ts'
import type { Deployment, UpOptions } from './index.ts'

/** What brings a chain up. */
type Up = (chain: Chain, options: UpOptions) => Promise<Deployment>

/**
 * Deployments whose application server can be brought up once more with one thing set otherwise, on demand, and goes
 * down with them.
 */
export function redeployable(up: Up): (topology: Topology, options: UpOptions) => Promise<Deployment> {
  return async (topology, options) => {
    await using stack = new AsyncDisposableStack()
    const deployment = stack.use(await up(topology, options))
    // A topology's last tier calls the application: its type says so, but not that of `at(-1)`.
    const app = topology.tiers.at(-1) as Tier<AppServer>
    const made = new Map<Setting, Promise<Deployment>>()
    stack.defer(async () => {
      await Promise.allSettled([...made.values()].map(async (each) => (await each)[Symbol.asyncDispose]()))
    })
    const again = (setting: Setting): Promise<Deployment> => {
      const fresh = made.get(setting) ?? up({ ...topology, tiers: [app] }, { ...options, setting })
      made.set(setting, fresh)
      // One unlucky start must not be the answer to the judge's second attempt as well.
      fresh.catch(() => made.delete(setting))
      return fresh
    }
    const owned = stack.move()
    return {
      ...deployment,
      target: {
        ...deployment.target,
        redeployed: async (setting) => {
          // Every server takes the other settings.
          const offered = setting !== 'mounted' || app.server.mounts
          return offered ? (await again(setting)).target : undefined
        },
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    }
  }
}
