import { requirementsIn } from '../application/requirements-file.ts'
import type { Exported, ExportedFile } from './formats/index.ts'
import { commented } from './provenance.ts'

/** What pip is told to install, with `requirements.txt` first. */
const FIRST = 'requirements.txt'

/** A requirements file and what it includes, by the names that they have side by side in an export. */
export function requirementFiles(path: string): Readonly<Record<string, string>> {
  const named = (name: string): string => (name === '0.txt' ? FIRST : `requirements-${name}`)
  const texts = requirementsIn(path)
  const include = /^(\s*(?:-r|--requirement|-c|--constraint)(?:\s+|=)?)(\d+\.txt)$/gm
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      named(name),
      text.replace(include, (line, option: string, other: string) =>
        other in texts ? `${option}${named(other)}` : line,
      ),
    ]),
  )
}

/** The requirements of an export as files; `more` is added to what is installed. */
export function writtenRequirements(
  { requirements = {}, provenance }: Exported,
  more: readonly string[] = [],
): readonly ExportedFile[] {
  const added =
    more.length > 0
      ? { [FIRST]: `${requirements[FIRST]?.trimEnd() ?? ''}\n\n# What serves it.\n${more.join('\n')}\n` }
      : {}
  return Object.entries({ ...requirements, ...added }).map(([path, text]) => ({
    path,
    text: `${commented('#', provenance)}\n\n${text.trim()}\n`,
  }))
}

/** Whether the requirements name a package themselves. */
export const namesPackage = ({ requirements = {} }: Pick<Exported, 'requirements'>, name: string): boolean =>
  Object.values(requirements).some((text) => new RegExp(`^\\s*${name}\\b`, 'im').test(text))
