import type { Address } from '../../topologies/servers/index.ts'

/**
 * A command of bash that says whether the tier answers with anything but a failure of its own; slim images have no other
 * client.
 */
export const answersAt = ({ host, port }: Address, path = '/'): string =>
  `exec 3<>/dev/tcp/${host}/${port} && printf 'GET ${printed(path)} HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ "$status" -lt 500 ]`

/** A command of bash that says whether somebody listens: a server that is only busy still does. */
export const listensAt = ({ host, port }: Address): string => `exec 3<>/dev/tcp/${host}/${port}`

/** A path within a quoted format of printf. */
const printed = (path: string): string => path.replaceAll('\\', '\\\\').replaceAll('%', '%%').replaceAll("'", "'\\''")
