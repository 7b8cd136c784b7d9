import type { StaticFiles } from '../../topologies/servers/index.ts'
import { usageError } from '../choices.ts'
import { userPath } from '../save.ts'
import { userFolder } from './user-folder.ts'

/** Static files with their folder as it was typed. */
export interface NamedStaticFiles extends StaticFiles {
  readonly typed: string
}

/** What no configuration of nginx and Apache can hold in a quoted path, or takes for more than a character. */
const UNWRITABLE = /["\\$*?[\]\x00-\x1f]/
/** Path segments that mean the same to every server, written only one way. */
const PREFIX = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/

/** `DIR=/prefix` words. `find` says where a folder that was typed is. */
export function staticFiles(
  words: readonly string[],
  find: (typed: string) => string = userPath,
): readonly NamedStaticFiles[] {
  const named = words.map((word): NamedStaticFiles => {
    const [, typed = '', written = ''] = /^(.+)=(\/[^=]*)$/.exec(word) ?? []
    const prefix = written.replace(/\/$/, '')
    if (typed === '')
      throw usageError(`"${word}" does not name static files.`, 'Write FOLDER=/prefix, as in --static static=/static.')
    if (prefix === '')
      throw usageError(
        `"${word}" would leave nothing for your application to answer.`,
        'Name a prefix of its paths, as in --static public=/public.',
      )
    if (!PREFIX.test(prefix))
      throw usageError(
        `"${written}" is not a prefix of paths.`,
        'Write segments of letters, digits, and - . _ ~, as in /static or /shop/files.',
      )
    const directory = userFolder(find(typed), '--static')
    if (UNWRITABLE.test(directory))
      throw usageError(
        `The folder ${directory} has a character that servers’ configuration cannot hold.`,
        'Name one without quotes, backslashes, dollars, brackets and wildcards.',
      )
    return { typed, prefix: `${prefix}/`, directory }
  })
  const twice = named.find(({ prefix }, index) => named.findIndex((other) => other.prefix === prefix) !== index)
  if (twice) throw usageError(`${twice.prefix} is named twice.`, 'Give each folder a prefix of its own.')
  return named
}
