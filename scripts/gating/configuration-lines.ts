import { readFile } from 'node:fs/promises'
import type { Tier, Topology } from '../../topologies/index.ts'
import { launchOf } from '../../topologies/runtimes/bring-up.ts'
import type { Role, Site } from '../../topologies/servers/index.ts'
import { usageError } from '../choices.ts'
import type { Side } from './side.ts'

/** Lines of configuration by the role of the tier that they are for. */
export type Lines = Side['lines']

/**
 * Reads `role=FILE` words. A file is one entry, because what belongs together may take several lines of it (a block of nginx's, a
 * sub of Varnish's); only of a server that is configured on its command line each line is an entry, and comments and empty lines
 * are left out. `find` tells where a path that was typed is to be looked for.
 */
export async function configurationLines(
  words: readonly string[],
  flag: string,
  { name, tiers }: Topology,
  find: (typed: string) => string,
): Promise<Lines> {
  const lines: Partial<Record<Role, readonly string[]>> = {}
  for (const word of words) {
    const { role, file } = namedConfiguration(word, flag)
    const tier = tiers.find(({ server }) => server.role === role)
    if (!tier) {
      const roles = tiers.map(({ server }) => server.role).join(', ')
      throw usageError(`No server of ${name} has the role "${role}".`, `Choose from: ${roles}.`)
    }
    const path = find(file)
    const text = await readFile(path, 'utf8').catch((error: Error) => {
      throw usageError(
        `${path} cannot be read: ${error.message}.`,
        `Name a file with lines of configuration: ${flag} ${role}=FILE.`,
      )
    })
    lines[tier.server.role] = [...(lines[tier.server.role] ?? []), ...entriesFor(tier, text)]
  }
  return lines
}

/** `proxy=nginx.conf` as role and file. */
export function namedConfiguration(word: string, flag: string): { readonly role: string; readonly file: string } {
  const [, role = '', file = ''] = /^(\w+)=(.+)$/.exec(word) ?? []
  if (role === '')
    throw usageError(`"${word}" is no configuration.`, `Write ${flag} role=FILE, as in ${flag} proxy=nginx.conf.`)
  return { role, file }
}

function entriesFor(tier: Tier, text: string): readonly string[] {
  const place = placeOf(tier)
  if (place === undefined)
    throw usageError(
      `${tier.server.title} takes no lines of configuration.`,
      'Leave them out, or choose another server with --server.',
    )
  if (place === 'files') return text.trim() === '' ? [] : [text.trimEnd()]
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

const MARK = 'a-line-of-configuration'

/** Where a server finds lines: it is configured with one, which is then looked for. Undefined when it leaves them out. */
function placeOf(tier: Tier): 'command line' | 'files' | undefined {
  const nowhere = { host: '127.0.0.1', port: 1 }
  const site: Site = {
    ...{ directory: '/', address: nowhere, root: '', triplet: '', cpus: 1, workers: 1, threads: 1 },
    application: { directory: '/', module: 'm', callable: 'c', mount: '', variables: {}, statics: [] },
    ...{ trusted: [], source: nowhere.host, lines: [MARK] },
  }
  const { argv, files } = launchOf(tier, site, nowhere)
  if (argv.includes(MARK)) return 'command line'
  return Object.values(files).some((text) => text.includes(MARK)) ? 'files' : undefined
}
