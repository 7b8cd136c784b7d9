import { once } from 'node:events'
import net from 'node:net'

/**
 * Where to connect. A name is looked up once, not for each connection, or looking it up would be measured;
 * of several addresses the one that answers is taken.
 */
export async function addressOf(url: URL, signal: AbortSignal): Promise<net.TcpNetConnectOpts> {
  if (url.protocol !== 'http:') throw new Error(`it speaks http: only, not ${url.protocol}`)
  const address = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) }
  if (net.isIP(address.host)) return address
  const probe = net.connect(address)
  try {
    await once(probe, 'connect', { signal })
    return { ...address, host: probe.remoteAddress ?? address.host }
  } catch {
    signal.throwIfAborted()
    return address
  } finally {
    probe.destroy()
  }
}
