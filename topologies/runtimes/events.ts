import { readFile } from 'node:fs/promises'
import type { Event } from '../index.ts'

/** Reads from the probe's log (LAB_EVENTS) what it saw of the request with a nonce, in order. */
export function eventsIn(file: string): (nonce: string) => Promise<readonly Event[]> {
  return async (nonce) => {
    const text = await readFile(file, 'utf8').catch(() => '')
    // The last line is empty, or still being written.
    const lines = text.split('\n').slice(0, -1)
    return lines.filter((line) => line.includes(nonce)).flatMap((line) => parsed(line, nonce))
  }
}

function parsed(line: string, nonce: string): readonly Event[] {
  try {
    const event = JSON.parse(line) as Event
    return event.nonce === nonce ? [event] : []
  } catch {
    // Something else writes to the file too; it is not the probe's.
    return []
  }
}
