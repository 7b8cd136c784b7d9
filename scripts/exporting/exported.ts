import { basename, dirname, join } from 'node:path'
import type { Planned } from '../../reports/planning/planned.ts'
import type { Result, Run } from '../../reports/run.ts'
import { DEFAULT_BASE } from '../../topologies/runtimes/base.ts'
import type { ApplicationWords } from '../application/index.ts'
import { ownApplication } from '../application/own-application.ts'
import { requestTarget } from '../application/request-target.ts'
import { staticFiles } from '../application/static-files.ts'
import { ROOT } from '../catalogue.ts'
import { usageError } from '../choices.ts'
import { userPath } from '../save.ts'
import { carried, ofDistribution } from './carried.ts'
import { topologyOf, type ChosenTopology } from './chosen-topology.ts'
import type { Exported } from './formats/index.ts'
import { provenance } from './provenance.ts'
import { requirementFiles } from './requirement-files.ts'

/** What a user said about the application of an export; what was said to the plan counts where something is not said. */
export interface ExportedWords extends ApplicationWords {
  /** Debian packages that it needs. */
  readonly package: readonly string[]
}

/** A planned topology with its application, as formats take it. `command` is what made it. */
export async function exportedOf(
  run: Run,
  planned: Planned,
  chosen: ChosenTopology,
  words: ExportedWords,
  command: string,
): Promise<Exported> {
  const { app, path, pythonPath, requirements, env, statics } = saidOf(run, words)
  const own = ownApplication({ app, pythonPath, env })
  refuseUnnamedPackages(own.searchPath, words.package)
  return {
    name: nameOf(own.file),
    tag: run.id.toLowerCase().replace(/[^a-z0-9.-]+/g, '-'),
    topology: await topologyOf(chosen.result),
    result: chosen.result,
    size: chosen.size,
    spare: planned.demand.spare,
    cores: planned.demand.cores,
    application: carried(own, staticFiles(statics)),
    requirements: requirements === undefined ? undefined : requirementFiles(userPath(requirements)),
    variables: {
      ...Object.fromEntries((run.application?.variables ?? []).map((name) => [name, undefined])),
      ...own.variables,
    },
    packages: words.package,
    base: baseOf(chosen.result),
    healthPath: path[0] === undefined ? (run.application ? '/' : '/time') : requestTarget(path[0]),
    provenance: provenance(run, planned, chosen, command),
  }
}

/** The words, and what the plan was told where they are silent. */
function saidOf({ application }: Run, words: ExportedWords) {
  const otherwise = application ?? {
    name: `${join(ROOT, 'apps', 'pages.py')}:application`,
    statics: [{ directory: join(ROOT, 'apps', 'static'), prefix: '/static/' }],
  }
  const said = words.app === undefined ? otherwise : { ...application, name: words.app }
  return {
    app: said.name,
    path: words.path,
    env: words.env,
    pythonPath: words.pythonPath.length > 0 ? words.pythonPath : (application?.pythonPath ?? []),
    requirements: words.requirements ?? application?.requirements,
    statics:
      words.static.length > 0
        ? words.static
        : (said.statics ?? []).map(({ directory, prefix }) => `${directory}=${prefix}`),
  }
}

/** Names that say what a file is, not whose. */
const COMMON = /^(?:wsgi|app|main|application|server|asgi|__init__)$/

/** A name for services, images and folders: the module's, or its folder's where that says more. */
function nameOf(file: string): string {
  const stem = basename(file, '.py')
  const name = COMMON.test(stem) ? basename(dirname(file)) : stem
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return /^[^a-z]*(.{0,30}?)-*$/.exec(plain.slice(0, 40))?.[1] || 'application'
}

/** The image with the release on which it was measured: `debian:bookworm-slim`. */
function baseOf({ origin }: Result): string {
  const image = /images of (\S+?),?(?: |$)/.exec(origin)?.[1]
  if (image) return image
  const debian = /Debian[^(,]*\((\w+)\)/.exec(origin)?.[1]
  const ubuntu = /Ubuntu (\d+\.\d+)/.exec(origin)?.[1]
  return debian ? `debian:${debian}-slim` : ubuntu ? `ubuntu:${ubuntu}` : DEFAULT_BASE
}

function refuseUnnamedPackages(searchPath: readonly string[], packages: readonly string[]): void {
  const distribution = searchPath.find(ofDistribution)
  if (distribution !== undefined && packages.length === 0)
    throw usageError(
      `${distribution} belongs to the distribution, whose packages are installed where the export goes.`,
      'Name those of the application, as in --package python3-flask.',
    )
}
