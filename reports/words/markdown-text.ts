import { visible } from './visible.ts'

/** Text that Markdown shows as it is: nothing in it becomes markup, a link or a table cell of its own. */
export const plain = (text: string): string =>
  visible(text)
    .replace(/[\\`*_[\]<>&|~#]/g, (sign) => (sign === '<' ? '&lt;' : sign === '&' ? '&amp;' : `\\${sign}`))
    .replace(/\s*\n\s*/g, ' ')

/** Text in the font of programs. What would end it is left out. */
export const code = (text: string): string =>
  `\`${visible(text)
    .replaceAll('`', '')
    .replace(/\s*\n\s*/g, ' ')}\``

/** A Markdown table. Cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A fenced block that its content cannot end. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${visible(text)}\n${fence}`
}
