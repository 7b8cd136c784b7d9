import { BlockList, isIP } from 'node:net'
import { usageError } from './choices.ts'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** The URL, if the lab may send load or malformed requests there: to this machine only, unless that is allowed. */
export function checkedUrl(text: string, allowRemote: boolean, schemes: readonly string[] = ['http', 'https']): URL {
  const url = URL.parse(text)
  if (!url || !schemes.includes(url.protocol.slice(0, -1))) {
    throw usageError(
      `"${text}" is not a URL that the lab can speak to.`,
      `Give one such as http://127.0.0.1:8000/ (${schemes.join(' or ')}).`,
    )
  }
  if (!allowRemote && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) {
    throw usageError(
      `${url.host} is not on this machine.`,
      'The lab sends hostile requests and load: add --allow-remote only for a server that is yours to test.',
    )
  }
  return url
}

function isLoopback(host: string): boolean {
  const family = isIP(host)
  return family === 0 ? host === 'localhost' : LOOPBACK.check(host, family === 4 ? 'ipv4' : 'ipv6')
}
