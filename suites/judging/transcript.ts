const LIMIT = 3072

/** A conversation as text, from the side of who began it. */
export interface Transcript {
  readonly sent: string
  readonly received: string
}

/** Bytes as text for people: control and non-ASCII bytes as `\xNN`, CR and LF visible, each LF also a new line. */
function readable(bytes: Uint8Array, limit = LIMIT): string {
  let text = ''
  for (const byte of bytes.subarray(0, limit)) {
    if (byte === 0x0d) text += '\\r'
    else if (byte === 0x0a) text += '\\n\n'
    else if (byte === 0x5c) text += '\\\\'
    else if (byte >= 0x20 && byte <= 0x7e) text += String.fromCharCode(byte)
    else text += `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return bytes.length > limit ? `${text}\n[${bytes.length - limit} more bytes]` : text
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
    text() {
      const shown = readable(Buffer.concat(kept), limit)
      return total > length ? `${shown}\n[${total - length} more bytes]` : shown
    },
  }
}
