import type { Readable } from 'node:stream'

/** How much is kept, in characters. */
const LENGTH = 2000

/** Keeps the end of what a process writes to stderr, which says why it crashed; the result gives it. */
export function lastWordsOf(stderr: Readable): () => string {
  let words = ''
  stderr.on('data', (text: Buffer) => (words = (words + text).slice(-LENGTH)))
  return () => words.trim()
}
