import type { Application } from '../../topologies/servers/index.ts'
import type { Exported, ExportedFile } from './formats/index.ts'
import { commented } from './provenance.ts'

/** How long browsers keep a file, as the lab's web servers say it, in seconds. */
const MAX_AGE = 3600
/** Name of the module that stands before the application where it needs one. */
const ENTRY = 'deployed'

/** Whether the application's own process has to serve the static files: no web server of the topology does. */
export const servesOwnFiles = ({ topology, application }: Pick<Exported, 'topology' | 'application'>): boolean =>
  application.statics.length > 0 &&
  !topology.tiers.some(({ server }) => server.role === 'proxy' || server.name === 'mod-wsgi')

/**
 * Whether a module of the export's own stands before the application: it serves files, or says what the server has no option for
 * (several folders of modules, a callable within another object, a working folder for mod_wsgi).
 */
export const needsEntry = (exported: Pick<Exported, 'topology' | 'application'>): boolean =>
  servesOwnFiles(exported) ||
  exported.application.libraries.length > 0 ||
  exported.application.callable.includes('.') ||
  exported.topology.tiers.at(-1)!.server.name === 'mod-wsgi'

/** The application as servers are told of it, in a copy of the export below `base`. */
export function applicationAt(base: string, exported: Exported): Application {
  const { project, module, callable, statics } = exported.application
  const at = (path: string) => `${base}/${path}`
  return {
    ...(needsEntry(exported)
      ? { directory: at('entry'), module: ENTRY, callable: 'application' }
      : { directory: at(project), module, callable }),
    mount: '',
    variables: {},
    statics: servesOwnFiles(exported)
      ? []
      : statics.map(({ prefix, directory }) => ({ prefix, directory: at(directory) })),
  }
}

/** The module that stands before the application, where it needs one. */
export function entryFiles(exported: Exported): readonly ExportedFile[] {
  if (!needsEntry(exported)) return []
  const { project, module, callable, libraries, statics } = exported.application
  const serving = servesOwnFiles(exported)
  const quoted = (text: string) => JSON.stringify(text)
  // What pip installed beside it comes last of its own.
  const folders = [...libraries, ...(exported.requirements === undefined ? [] : ['packages'])]
  const withFolders = `
# As Python adds its own, with the .pth files that are there; but before those.
known = list(sys.path)
for folder in [${folders.map(quoted).join(', ')}]:
    site.addsitedir(os.path.join(HERE, folder))
sys.path.sort(key=known.__contains__)
`
  const withFiles = `
# No web server serves them, so this process does.
application = WhiteNoise(application, max_age=${MAX_AGE})
${statics.map(({ prefix, directory }) => `application.add_files(os.path.join(HERE, ${quoted(directory)}), prefix=${quoted(prefix)})\n`).join('')}`
  const text = `${commented('#', exported.provenance)}
"""The application as it was planned${serving ? ', with its static files in the same URL space' : ''}."""

import os
${folders.length > 0 ? 'import site\n' : ''}import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROJECT = os.path.join(HERE, ${quoted(project)})
${folders.length > 0 ? withFolders : ''}
sys.path.insert(0, PROJECT)
os.chdir(PROJECT)

import ${module} as module  # noqa: E402
${serving ? 'from whitenoise import WhiteNoise  # noqa: E402\n' : ''}
application = module.${callable}
${serving ? withFiles : ''}`
  return [{ path: `entry/${ENTRY}.py`, text }]
}

/** Debian packages of one tier: its server's, and those of the application where it is called. */
export function packagesOf(exported: Exported, role: string): readonly string[] {
  const { server } = exported.topology.tiers.find((tier) => tier.server.role === role)!
  const called = server.role === 'app'
  return [
    ...new Set([
      ...server.packages,
      ...(called ? exported.packages : []),
      ...(called && servesOwnFiles(exported) ? ['python3-whitenoise'] : []),
    ]),
  ].sort()
}
