import type { Launch, Role } from '../../topologies/servers/index.ts'
import { configured, environmentOf, type Configured } from './configured.ts'
import { applicationAt } from './entry.ts'
import type { Exported } from './formats/index.ts'
import { cpusFor } from './limits.ts'
import { placed } from './placed.ts'

/**
 * Tokens for what is only known where a bundle is started or installed, as autoconf writes them: the prefix of the distribution's
 * files and its multiarch name, the bundle, configuration, what services write, where the edge listens. Ports have one for each tier.
 */
export const TOKENS = ['ROOT', 'TRIPLET', 'PREFIX', 'CONFIG', 'STATE', 'LISTEN'] as const
const token = (name: string): string => `@${name}@`
/** The token, and the variable in scripts, of a tier's port. */
export const portOf = (role: Role): string => `PORT_${role.toUpperCase()}`

/** Numbers that stand for ports until they are tokens: ports of a configuration are numbers. */
const FIRST_PORT = 65_001

/** A tier of a bundle: texts hold tokens. */
export interface Bundled {
  readonly role: Role
  readonly title: string
  readonly host: string
  readonly launch: Launch
  /** With the distribution's files where they belong, and where they are unpacked below ROOT. */
  readonly argv: { readonly installed: readonly string[]; readonly unpacked: readonly string[] }
  readonly files: Readonly<Record<string, string>>
  readonly environment: Readonly<Record<string, string>>
}

/** The tiers of a bundle at loopback addresses of their own, as the lab measures them, in the order a request meets them. */
export function bundled(exported: Exported): readonly Bundled[] {
  const installed = tiersAt(exported, '', '')
  const unpacked = tiersAt(exported, token('ROOT'), token('TRIPLET'))
  const tokens = (text: string) =>
    installed.reduce((all, { role, site }) => all.replaceAll(String(site.address.port), token(portOf(role))), text)
  return installed.map((tier, index) => {
    const { role, site, launch, argv } = tier
    return {
      role,
      title: tier.tier.server.title,
      host: site.address.host,
      launch,
      argv: { installed: argv.map(tokens), unpacked: unpacked[index]!.argv.map(tokens) },
      files: Object.fromEntries(Object.entries(unpacked[index]!.files).map(([file, text]) => [file, tokens(text)])),
      environment: environmentOf(tier, exported, `${token('PREFIX')}/packages`),
    }
  })
}

function tiersAt(exported: Exported, root: string, triplet: string): readonly Configured[] {
  return placed(exported.topology, {
    host: (distance) => `127.0.0.${11 + distance}`,
    edge: token('LISTEN'),
    defaultSource: '127.0.0.1',
    port: (distance) => FIRST_PORT + distance,
    directory: (role) => `${token('STATE')}/${role}`,
    cpus: (role) => cpusFor(exported, role),
    root,
    triplet,
    application: applicationAt(token('PREFIX'), exported),
    workers: exported.size.workers,
    threads: exported.size.threads,
  }).map((each) => configured(each, `${token('CONFIG')}/${each.tier.server.role}`))
}
