import { setTimeout as delay } from 'node:timers/promises'
import autocannon from 'autocannon'
import { addressOf } from '../generating/address.ts'
import { mend, type Client, type Shared } from '../generating/mended-client.ts'
import { createRecorder } from '../generating/recorder.ts'
import type { Generator } from './index.ts'

/** Seconds after which autocannon would stop by itself; the window's end stops it much earlier. */
const SPARE = 60

export default {
  name: 'autocannon',
  title: 'autocannon 9.0.0, mended',
  loops: ['closed'],
  refuses: ({ method, mix, slowClients, uploadBytes, connection }) =>
    method === 'HEAD' || mix || slowClients || uploadBytes !== undefined || connection === 'close'
      ? 'it sends nothing but one GET over connections that are kept'
      : undefined,
  async run(load, window, signal) {
    const url = new URL(load.url)
    const recorder = createRecorder(load.expects, load.seconds)
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
