import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Reporter } from '../reports/reporters/index.ts'
import type { Suite } from '../suites/conformance/index.ts'
import type { Generator } from '../suites/generators/index.ts'
import type { Workload } from '../suites/load/index.ts'
import type { Server } from '../topologies/servers/index.ts'
import type { Topology } from '../topologies/index.ts'
import type { Format } from './exporting/formats/index.ts'

/** The checkout's folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Folder of each catalogue: every file in it but `index.ts` and tests is an entry. */
const FOLDERS = {
  topologies: 'topologies',
  servers: 'topologies/servers',
  suites: 'suites/conformance',
  workloads: 'suites/load',
  generators: 'suites/generators',
  reporters: 'reports/reporters',
  formats: 'scripts/exporting/formats',
} as const

const NOT_ENTRIES = /^index\.ts$|\.test\.ts$|\.d\.ts$/

export const topologies = () => entries<Topology>('topologies')
export const servers = () => entries<Server>('servers')
export const suites = () => entries<Suite>('suites')
export const workloads = () => entries<Workload>('workloads')
export const generators = () => entries<Generator>('generators')
export const reporters = () => entries<Reporter>('reporters')
export const formats = () => entries<Format>('formats')

/** All entries of a catalogue, sorted by name. An entry is a file whose default export has the file's name. */
async function entries<Entry extends { readonly name: string }>(
  catalogue: keyof typeof FOLDERS,
): Promise<readonly Entry[]> {
  const folder = join(ROOT, FOLDERS[catalogue])
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts') && !NOT_ENTRIES.test(file)).sort()
  const loaded = await Promise.all(
    files.map(async (file) => {
      const module = (await import(pathToFileURL(join(folder, file)).href)) as { readonly default?: Entry }
      return { file, entry: module.default }
    }),
  )
  return loaded.map(({ file, entry }) => {
    if (entry?.name !== basename(file, '.ts')) {
      throw new Error(`${FOLDERS[catalogue]}/${file} has no default export named ${basename(file, '.ts')}`)
    }
    return entry
  })
}
