const LIMIT = 3072

/** A conversation as text, from the side of who began it. */
export interface Transcript {
  readonly sent: string
  readonly received: string
}

/**
 * Bytes as text for people: control and non-ASCII bytes as `\xNN`, CR and LF visible, each LF also a new line. Of many only
 * the first are shown; how many more there were is told, of `total`.
 */
export function readable(bytes: Uint8Array, total = bytes.length, limit = LIMIT): string {
  let text = ''
  const shown = bytes.subarray(0, limit)
  for (const byte of shown) {
    if (byte === 0x0d) text += '\\r'
    else if (byte === 0x0a) text += '\\n\n'
    else if (byte === 0x5c) text += '\\\\'
    else if (byte >= 0x20 && byte <= 0x7e) text += String.fromCharCode(byte)
    else text += `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return total > shown.length ? `${text}\n[${total - shown.length} more bytes]` : text
}

/** One direction of a conversation: keeps the first bytes, counts the rest. */
interface Recording {
  add(bytes: Uint8Array): void
  /** The recorded bytes, readable, with a note on how many more there were. */
  text(): string
}

/** An empty recording. */
export function recording(limit = LIMIT): Recording {
  const kept: Uint8Array[] = []
  let length = 0
  let total = 0
  return {
    add(bytes) {
      total += bytes.length
      if (length >= limit) return
      const part = Uint8Array.prototype.slice.call(bytes, 0, limit - length)
      kept.push(part)
      length += part.length
    },
    text: () => readable(Buffer.concat(kept), total, limit),
  }
}
