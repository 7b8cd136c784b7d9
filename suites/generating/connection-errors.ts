const KINDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
}

/** What an error of a socket is called in a recording. */
export const kindOf = ({ code }: NodeJS.ErrnoException): string => KINDS[code ?? ''] ?? `connection error ${code}`

/** Pause before connecting again after a refusal, in milliseconds: long enough not to spin, short enough to notice. */
export const BACK_OFF = 100
