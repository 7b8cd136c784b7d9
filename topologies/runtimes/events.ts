import { open } from 'node:fs/promises'
import type { Event } from '../index.ts'

const BLOCK = 64 * 1024
const LF = 0x0a

/**
 * Reads from the probe's log (LAB_EVENTS) what it saw of the request with a nonce, in order. Each byte of the log is read
 * once, however often and by how many at once it is asked for.
 */
export function eventsIn(file: string): (nonce: string) => Promise<readonly Event[]> {
  const known = new Map<string, Event[]>()
  const block = Buffer.alloc(BLOCK)
  let offset = 0
  // A line whose end was not there yet.
  let begun = Buffer.alloc(0)
  let reading = Promise.resolve()

  async function readOn(): Promise<void> {
    await using log = await open(file)
    if ((await log.stat()).size < offset) {
      // Somebody emptied it.
      offset = 0
      begun = Buffer.alloc(0)
    }
    for (;;) {
      const { bytesRead } = await log.read(block, 0, BLOCK, offset)
      if (bytesRead === 0) return
      offset += bytesRead
      const text = Buffer.concat([begun, block.subarray(0, bytesRead)])
      const end = text.lastIndexOf(LF) + 1
      begun = text.subarray(end)
      for (const line of text.toString('utf8', 0, end).split('\n')) note(line)
    }
  }

  function note(line: string): void {
    const event = parsed(line)
    if (!event) return
    const events = known.get(event.nonce)
    if (events) events.push(event)
    else known.set(event.nonce, [event])
  }

  return async (nonce) => {
    // One after another; a file that is not there (yet) shows nothing.
    reading = reading.then(readOn).catch(() => {})
    await reading
    return [...(known.get(nonce) ?? [])]
  }
}

function parsed(line: string): Event | undefined {
  try {
    const event = JSON.parse(line) as Event | null
    return typeof event?.nonce === 'string' ? event : undefined
  } catch {
    // Something else writes to the file too; it is not the probe's.
    return undefined
  }
}
