import { shortened, visible } from '../words/visible.ts'

/** A line in the log that GitHub Actions shows beside the job and in the pull request. */
export interface Annotation {
  readonly kind: 'error' | 'warning' | 'notice'
  readonly title: string
  readonly message: string
}

/** GitHub shows no more of each kind for a step (docs.github.com, Workflow commands; actions/toolkit problem matchers). */
export const mostOfAKind = 10

/** A message that is longer is not read beside a job. */
const mostCharacters = 1500

/** The command's line. What ends a line, a property or the properties is escaped, so that no content starts a command. */
export const workflowCommand = ({ kind, title, message }: Annotation): string =>
  `::${kind} title=${property(title)}::${data(shortened(message, mostCharacters))}`

/** The same as the official toolkit escapes (`@actions/core`, command.ts). */
const data = (text: string): string =>
  visible(text).replace(/[%\r\n]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** At most ten of each kind, in their order; the last of too many counts those that are left out. */
export function asMuchAsShown(all: readonly Annotation[]): readonly Annotation[] {
  return [...Map.groupBy(all, ({ kind }) => kind)].flatMap(([kind, own]) => {
    if (own.length <= mostOfAKind) return own
    const left = own.length - mostOfAKind + 1
    const rest = { kind, title: `${left} more`, message: `${left} more are in the step summary and in junit.xml.` }
    return [...own.slice(0, mostOfAKind - 1), rest]
  })
}
