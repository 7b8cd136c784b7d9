import { existsSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import type { StaticFiles } from '../../topologies/servers/index.ts'
import type { OwnApplication } from '../application/own-application.ts'
import { NOISE } from './copying.ts'

/** A folder of the user's and where its copy goes, as a path below the export. */
export interface CarriedFolder {
  readonly from: string
  readonly to: string
}

/** A user's application as an export carries it: everything by its path below the export. */
export interface Carried {
  /** What is copied; none lies in another. */
  readonly folders: readonly CarriedFolder[]
  /** The folder from which it is imported, which is its working folder as well. */
  readonly project: string
  /** Dotted name: `shop.wsgi`. */
  readonly module: string
  readonly callable: string
  /** Other folders of modules. */
  readonly libraries: readonly string[]
  readonly statics: readonly StaticFiles[]
}

/** Where modules and files of an application go in an export. Folders of the distribution's own packages are not carried. */
export function carried(
  { file, callable, searchPath }: Pick<OwnApplication, 'file' | 'callable' | 'searchPath'>,
  statics: readonly StaticFiles[],
): Carried {
  const { folder: project, module } = moduleOf(file)
  const own = searchPath.filter((folder) => !ofDistribution(folder))
  const roots = outermost([project, ...own, ...statics.map(({ directory }) => directory)])
  const taken = new Set<string>()
  const folders = roots.map((from): CarriedFolder => {
    if (holds(from, project)) return { from, to: 'app' }
    const kind = own.some((folder) => holds(from, folder)) ? 'libraries' : 'static'
    let to = `${kind}/${plain(basename(from))}`
    for (let count = 2; taken.has(to); count++) to = `${kind}/${plain(basename(from))}-${count}`
    taken.add(to)
    return { from, to }
  })
  const carriedPath = (path: string): string => {
    const { from, to } = folders.find((folder) => holds(folder.from, path))!
    return join(to, relative(from, path))
  }
  return {
    folders,
    project: carriedPath(project),
    module,
    callable,
    libraries: own.filter((folder) => folder !== project).map(carriedPath),
    statics: statics.map(({ prefix, directory }) => ({ prefix, directory: carriedPath(directory) })),
  }
}

/** Whether a folder of modules belongs to the distribution's packages, which are installed anew where the export goes. */
export const ofDistribution = (folder: string): boolean => /^\/usr\/(?:local\/)?lib\/python3[^/]*(?:\/|$)/.test(folder)

/** The module in a file by its full name, and the folder from which that is imported. */
function moduleOf(file: string): { readonly folder: string; readonly module: string } {
  let folder = dirname(file)
  const names = [basename(file, '.py')]
  while (existsSync(join(folder, '__init__.py'))) {
    names.unshift(basename(folder))
    folder = dirname(folder)
  }
  return { folder, module: names.join('.') }
}

/** Folders that lie in none of the others, each once. */
const outermost = (folders: readonly string[]): readonly string[] =>
  [...new Set(folders)].filter((folder, _, all) => !all.some((other) => other !== folder && holds(other, folder)))

/** Whether a copy of a folder has a path in it: what is left out of copies is not there. */
function holds(folder: string, path: string): boolean {
  const below = relative(folder, path)
  return below === '' || (!below.startsWith('..') && !below.split('/').some((name) => NOISE.has(name)))
}

/** A name that every configuration can hold without quotes. */
const plain = (name: string): string => name.replace(/[^\w.-]+/g, '-')
