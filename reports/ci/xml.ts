import { visible } from '../words/visible.ts'

/** A piece of XML that is finished: nothing in it is escaped again. */
export interface Xml {
  readonly xml: string
}

/** Text that XML 1.0 can hold; what it forbids even as a reference, control characters above all, becomes visible. */
export const text = (content: string): Xml => ({
  xml: visible(content).replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`),
})

/** An element with its attributes and children; attributes that are undefined are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  ...children: readonly Xml[]
): Xml {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${attribute(String(value))}"`],
  )
  const content = children.map(({ xml }) => xml).join('')
  return { xml: `<${name}${written.join('')}${content === '' ? '/>' : `>${content}</${name}>`}\n` }
}

/** A parser would make spaces of line feeds and tabs in an attribute. */
const attribute = (value: string): string => text(value).xml.replace(/["\n\t]/g, (sign) => `&#${sign.charCodeAt(0)};`)
