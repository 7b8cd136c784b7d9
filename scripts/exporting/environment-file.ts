import { usageError } from '../choices.ts'
import type { Exported, ExportedFile } from './formats/index.ts'
import { commented } from './provenance.ts'

/**
 * The application's variables in a file that shells, systemd, Compose and runners of Procfiles read alike. Throws a usage error for
 * a value that cannot be written so.
 */
export function environmentFile({ variables, provenance }: Exported, path: string): ExportedFile {
  const lines = Object.entries(variables).map(([name, value]) =>
    value === undefined ? `# Fill this in:\n${name}=` : `${name}=${quoted(name, value)}`,
  )
  const head = `${commented('#', provenance)}\n#\n# Variables of the application. What stands here may be secret: keep it out of version control.\n`
  return { path, text: `${head}${lines.map((line) => `${line}\n`).join('')}`, mode: 0o600 }
}

function quoted(name: string, value: string): string {
  if (/^[\w./:@%+,-]*$/.test(value)) return value
  if (/['\n\r]/.test(value))
    throw usageError(
      `The value of ${name} has a quote or a line break, which not all readers of such files understand alike.`,
      `Leave --env ${name} out and put it in by the means of where it is deployed.`,
    )
  return `'${value}'`
}

/** Variables whose values are not known here, each to be filled in before it is started. */
export const unknownVariables = ({ variables }: Pick<Exported, 'variables'>): readonly string[] =>
  Object.keys(variables).filter((name) => variables[name] === undefined)
