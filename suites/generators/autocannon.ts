import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import autocannon from 'autocannon'
import { mend, type Client, type Shared } from '../generating/mended-client.ts'
import { createRecorder } from '../generating/recorder.ts'
import type { Generator } from './index.ts'

/** Seconds after which autocannon would stop by itself; the window's end stops it much earlier. */
const SPARE = 60

/**
 * Where to connect. A name is looked up once, not for each connection, or looking it up would be measured;
 * of several addresses the one that answers is taken.
 */
async function addressOf(url: URL, signal: AbortSignal): Promise<net.TcpNetConnectOpts> {
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

export default {
  name: 'autocannon',
  title: 'autocannon 9.0.0, mended',
  loops: ['closed'],
  async run(load, window, signal) {
    const url = new URL(load.url)
    if (url.protocol !== 'http:') throw new Error(`it speaks http: only, not ${url.protocol}`)
    const recorder = createRecorder(load.expects)
    const shared: Shared = {
      address: await addressOf(url, signal),
      recorder,
      room: Buffer.allocUnsafeSlow(64 * 1024),
      keepsAlive: false,
      closesSilently: false,
    }
    const clients: Client[] = []

    const running = autocannon({
      url: load.url,
      connections: load.loop.connections,
      timeout: load.timeoutSeconds,
      duration: load.warmUpSeconds + load.seconds + SPARE,
      // How often it looks whether it should stop, in milliseconds. Its own figures are not used: they are whole
      // milliseconds, and include the warm-up.
      sampleInt: 50,
      setupClient: (published) => {
        // The published type shows four methods of the client; the rest of it is what is mended.
        const client = published as unknown as Client
        mend(client, shared)
        clients.push(client)
      },
    })
    try {
      await delay(load.warmUpSeconds * 1e3, undefined, { signal })
      recorder.begin()
      window.begin()
      await delay(load.seconds * 1e3, undefined, { signal })
      recorder.end()
      window.end()
    } finally {
      for (const client of clients) client.destroy()
    }
    await running
    return recorder.recording()
  },
} satisfies Generator
