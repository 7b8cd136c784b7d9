import { serviceEnvironment } from '../../topologies/runtimes/service-environment.ts'
import type { Exported } from './formats/index.ts'
import type { Placed } from './placed.ts'

/** A tier with its configuration in a folder apart from the one that it writes to. */
export interface Configured extends Placed {
  readonly role: Placed['tier']['server']['role']
  readonly argv: readonly string[]
  /** Path of each file of configuration below `directory`, to text. */
  readonly files: Readonly<Record<string, string>>
}

/** The tier with its files of configuration in `directory`. */
export function configured(placed: Placed, directory: string): Configured {
  const { tier, site, launch } = placed
  const moved = (text: string) =>
    Object.keys(launch.files).reduce(
      (all, file) => all.replaceAll(`${site.directory}/${file}`, `${directory}/${file}`),
      text,
    )
  return {
    ...placed,
    role: tier.server.role,
    argv: launch.argv.map(moved),
    files: Object.fromEntries(Object.entries(launch.files).map(([file, text]) => [file, moved(text)])),
  }
}

/** Variables of a tier's process, but for the application's own; `packages` is where pip installed what it needs. */
export function environmentOf(
  { site, launch, role }: Configured,
  { requirements }: Pick<Exported, 'requirements'>,
  packages: string,
): Readonly<Record<string, string>> {
  const { PYTHONPATH = '', PYTHONDONTWRITEBYTECODE = '', ...always } = serviceEnvironment(site)
  const path = requirements === undefined ? PYTHONPATH : `${PYTHONPATH}:${packages}`
  return { ...always, ...(role === 'app' ? { PYTHONPATH: path, PYTHONDONTWRITEBYTECODE } : {}), ...launch.env }
}
