import { portOf, TOKENS, type Bundled } from './bundle.ts'

/** A word of a shell's command line, quoted where it must be. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** A word with tokens, as a shell fills them in from its variables. */
export const expandedWord = (word: string): string =>
  /@[A-Z_]+@/.test(word) ? `"${word.replace(/[\\"$`]/g, '\\$&').replace(/@([A-Z_]+)@/g, '$${$1}')}"` : shellWord(word)

/** Lines of a script that give each tier its port: PORT at the edge, the next ones further in. */
export const portLines = (tiers: readonly Bundled[]): string =>
  tiers.map(({ role }, index) => `${portOf(role)}=$((PORT + ${index}))`).join('\n')

/** A function of a script that prints a file with its tokens filled in. */
export const renderFunction = (tiers: readonly Bundled[]): string => `# Prints a file with what is known here filled in.
render() {
  sed ${[...TOKENS, ...tiers.map(({ role }) => portOf(role))].map((name) => `-e "s|@${name}@|$${name}|g"`).join(' \\\n    ')} "$1"
}`
