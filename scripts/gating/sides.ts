import { existsSync } from 'node:fs'
import type { Topology } from '../../topologies/index.ts'
import { usageError } from '../choices.ts'
import { chosenTopologies } from '../options.ts'
import { LAB_APPLICATION } from '../application/chosen.ts'
import type { ApplicationWords } from '../application/index.ts'
import { mounted } from '../application/mounted.ts'
import { ownApplication, type Finding } from '../application/own-application.ts'
import { requirementsFile } from '../application/requirements-file.ts'
import { staticFiles } from '../application/static-files.ts'
import { userPath } from '../save.ts'
import { configurationLines, namedConfiguration } from './configuration-lines.ts'
import type { Side } from './side.ts'
import { workingTree, type WorkingTree } from './working-tree.ts'

/** What a user typed about the two sides. */
export interface SideWords extends Pick<ApplicationWords, 'static' | 'requirements' | 'pythonPath' | 'env'> {
  readonly topology: readonly string[]
  readonly app?: string
  readonly baseApp?: string
  /** A git ref. */
  readonly base?: string
  readonly basePythonPath: readonly string[]
  readonly server: readonly string[]
  readonly baseServer: readonly string[]
  readonly config: readonly string[]
  readonly baseConfig: readonly string[]
}

/** The two variants that a gate compares. */
export interface Sides {
  readonly base: Side
  readonly head: Side
  /** Where the base's files are when they were taken from a git ref. */
  readonly tree?: WorkingTree
}

/** Folders for as long as a gate goes on. */
export interface Room {
  /** For the files of a git ref. */
  readonly directory: string
  /** For the bytecode of applications, writable for the services' user. */
  readonly bytecode: string
}

/** Whether the words make the base anything else than the head. */
export const isDifferent = (words: SideWords): boolean =>
  words.base !== undefined ||
  words.baseApp !== undefined ||
  [words.baseServer, words.baseConfig, words.basePythonPath].some((given) => given.length > 0)

/** Reads the words. What is not said of the base is as the head's, at the git ref when one is named. */
export async function sidesOf(words: SideWords, room: Room, signal?: AbortSignal): Promise<Sides> {
  const ofHead = words.app === undefined ? undefined : application({ ...words, app: words.app }, '--app', HERE, room)
  const topology = await oneTopology(words.topology, words.server)
  const lines = await configurationLines(words.config, '--config', topology, userPath)
  const head: Side = { topology, lines, ...(ofHead?.side ?? OF_THE_LAB) }

  const tree =
    ofHead && words.base !== undefined ? await workingTree(words.base, ofHead.file, room.directory, signal) : undefined
  const find = tree ? { file: taken(tree), folder: takenIfThere(tree) } : HERE
  const typed = words.baseApp ?? words.app
  const pythonPath = instead(words.pythonPath, words.basePythonPath)
  const ofBase =
    typed === undefined
      ? undefined
      : application(
          { ...words, app: typed, pythonPath },
          words.baseApp === undefined ? '--app' : '--base-app',
          find,
          room,
        )
  const baseTopology = await oneTopology(words.topology, exchanged(words.server, words.baseServer))
  const kept = words.config.filter((word) => !words.baseConfig.some((other) => roleOf(other) === roleOf(word)))
  const baseLines = {
    ...(await configurationLines(kept, '--config', baseTopology, tree ? takenIfInside(tree) : userPath)),
    ...(await configurationLines(words.baseConfig, '--base-config', baseTopology, find.folder)),
  }
  const base: Side = { topology: baseTopology, lines: baseLines, ...(ofBase?.side ?? OF_THE_LAB) }
  return tree ? { head, base: { ...base, says: { ...base.says, ref: tree.ref } }, tree } : { head, base }
}

/** What a side is where no application of the user's is named. */
const OF_THE_LAB = { application: LAB_APPLICATION, environment: {}, says: {} } as const
/** Paths as they are in the user's own working tree. */
const HERE: Finding = { file: userPath, folder: userPath }

/** A user's application as a side has it, and its file. */
function application(
  words: Pick<SideWords, 'static' | 'requirements' | 'pythonPath' | 'env'> & { readonly app: string },
  flag: string,
  find: Finding,
  { bytecode }: Room,
): { readonly file: string; readonly side: Omit<Side, 'topology' | 'lines'> } {
  const { app, requirements } = words
  const own = ownApplication(words, flag, find)
  return {
    file: own.file,
    side: {
      ...mounted(own, staticFiles(words.static, find.folder), bytecode),
      ...(requirements === undefined ? {} : { requirements: requirementsFile(find.folder(requirements)) }),
      says: { application: app },
    },
  }
}

async function oneTopology(names: readonly string[], choices: readonly string[]): Promise<Topology> {
  const [topology, another] = await chosenTopologies(names.length > 0 ? names : ['app-server'], choices)
  if (!topology || another)
    throw usageError('A gate is about one topology.', 'Name exactly one --topology, and one --server for each role.')
  return topology
}

const instead = (given: readonly string[], others: readonly string[]): readonly string[] =>
  others.length > 0 ? others : given

/** Of the servers those that no other one of the same role takes the place of, and the others. */
const exchanged = (servers: readonly string[], others: readonly string[]): readonly string[] => [
  ...servers.filter((word) => !others.some((other) => startsAlike(word, other))),
  ...others,
]

const startsAlike = (one: string, other: string): boolean => one.split('=', 1)[0] === other.split('=', 1)[0]

const roleOf = (word: string): string => namedConfiguration(word, '--config').role

/** A path of the user's as it is at the ref, where it must be. */
const taken =
  (tree: WorkingTree) =>
  (typed: string): string => {
    const path = tree.at(userPath(typed))
    if (path === undefined)
      throw usageError(
        `${userPath(typed)} is not in the repository ${tree.toplevel}.`,
        'Name a file of it, or leave --base out.',
      )
    if (!existsSync(path))
      throw usageError(
        `There is no ${typed} in ${tree.ref.name}.`,
        'Name the file that was the application then: --base-app FILE:callable.',
      )
    return path
  }

/** A path of the user's as it is at the ref; the user's own where it is not part of that, as an environment of packages is. */
const takenIfThere =
  (tree: WorkingTree) =>
  (typed: string): string => {
    const path = tree.at(userPath(typed))
    return path !== undefined && existsSync(path) ? path : userPath(typed)
  }

/** A file of configuration as it is at the ref: one that was not there cannot have been in force. */
const takenIfInside =
  (tree: WorkingTree) =>
  (typed: string): string => {
    const path = tree.at(userPath(typed))
    if (path !== undefined && !existsSync(path))
      throw usageError(
        `There is no ${typed} in ${tree.ref.name}.`,
        'Say what the base is configured with: --base-config role=FILE (/dev/null for nothing).',
      )
    return path ?? userPath(typed)
  }
