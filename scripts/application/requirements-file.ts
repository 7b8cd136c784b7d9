import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { usageError } from '../choices.ts'

/** Another file that is read with this one. */
const INCLUDES = /^(\s*(?:-r|--requirement|-c|--constraint)(?:\s+|=|(?<=-[rc])))(?!\w+:\/\/)(\S+)/
/** A package that is a folder or a file of this machine. */
const LOCAL = /^\s*(?:-e\b|--editable\b|\.{0,2}\/|\.\.?\s*$|file:)|@\s*file:|^\s*[^\s@:]+\.(?:whl|zip|tar\.gz)(?:\s|$)/

/** A file of packages that was named with `--requirements`, checked with all that it includes. Its absolute path again. */
export function requirementsFile(path: string): string {
  requirementsIn(path)
  return path
}

/**
 * The texts of a requirements file and of all that it includes, by names that they can be written under side by side: `0.txt` is
 * the file itself.
 */
export function requirementsIn(path: string): Readonly<Record<string, string>> {
  const names = new Map<string, string>()
  const texts: Record<string, string> = {}
  const read = (file: string): string => {
    const known = names.get(file)
    if (known !== undefined) return known
    const name = `${names.size}.txt`
    names.set(file, name)
    const lines = textOf(file).split('\n')
    const local = lines.find((line) => LOCAL.test(line))
    // What is in it may change while the file does not, and then an old copy would be measured.
    if (local !== undefined)
      throw usageError(
        `${file} names files of this machine: ${local.trim()}`,
        'Leave the line out and name their folder with --python-path.',
      )
    const included = (line: string): string =>
      line.replace(INCLUDES, (_, option: string, other: string) => `${option}${read(resolve(dirname(file), other))}`)
    texts[name] = lines.map(included).join('\n')
    return name
  }
  read(path)
  return texts
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw usageError(
      `The requirements cannot be read: ${(error as Error).message}.`,
      'Name a file as pip reads it: --requirements requirements.txt.',
    )
  }
}
