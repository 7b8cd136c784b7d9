import { visible } from '../words/visible.ts'

/** Text that is HTML already: only `html` and `trusted` make it. */
export interface Markup {
  readonly markup: string
}

type Content = Markup | string | number | false | null | undefined | readonly Content[]

/**
 * Tagged template for HTML. Whatever is put in is escaped, in text and in quoted attributes alike, unless it is markup
 * itself; arrays are joined, false and nothing leave nothing.
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return { markup: String.raw({ raw: parts }, ...contents.map(written)) }
}

/** Declares text to be HTML. For the lab's own style and scripts only, never for anything that was received. */
export const trusted = (markup: string): Markup => ({ markup })

/** JSON that may stand inside a script element: no `<` can end the element or begin a comment in it. */
export const embedded = (value: unknown): Markup => ({
  markup: JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  ),
})

/** Escapes text for HTML, in text and in quoted attributes alike. */
function escape(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return visible(text).replace(/[&<>"']/g, (sign) => entities[sign]!)
}

function written(content: Content): string {
  if (content === false || content === null || content === undefined) return ''
  if (typeof content === 'string') return escape(content)
  if (typeof content === 'number') return String(content)
  return isList(content) ? content.map(written).join('') : content.markup
}

const isList = (content: Markup | readonly Content[]): content is readonly Content[] => Array.isArray(content)
