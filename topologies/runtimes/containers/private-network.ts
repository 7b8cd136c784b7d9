import { randomUUID } from 'node:crypto'
import { ownerName } from '../owner.ts'
import { LABEL, OWNER_LABEL, type Docker } from './engine.ts'

/** Another lab can take the same range between looking and asking. */
const ATTEMPTS = 5

/** A bridge network of one lab's containers. */
export interface PrivateNetwork extends AsyncDisposable {
  readonly name: string
  /** The n-th address of its range, from 11 on for tiers. */
  address(n: number): string
}

/**
 * A network in which containers can have fixed addresses, which trusted proxies and source addresses need. Engines give
 * these only where a range was named, so a range that is free is first asked for, then named.
 */
export async function privateNetwork(docker: Docker): Promise<PrivateNetwork> {
  const labels = { [LABEL]: 'network', [OWNER_LABEL]: ownerName() }
  const name = `gateway-lab-${randomUUID()}`
  for (let attempt = 1; ; attempt++) {
    const offered = await docker.createNetwork({ Name: name, Labels: labels })
    const subnet = ((await offered.inspect()) as Inspected).IPAM.Config[0]!.Subnet
    await offered.remove()
    try {
      const network = await docker.createNetwork({
        Name: name,
        Driver: 'bridge',
        Labels: labels,
        IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] },
      })
      const prefix = subnet.split('.').slice(0, 3).join('.')
      return {
        name,
        address: (n) => `${prefix}.${n}`,
        [Symbol.asyncDispose]: async () => void (await network.remove()),
      }
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
    }
  }
}

interface Inspected {
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] }
}
