import { Document } from 'yaml'

/** A YAML document that begins with lines of comment; long texts are blocks, nothing is folded or shared by reference. */
export function yaml(header: readonly string[], document: object): string {
  const made = new Document(document, { aliasDuplicateObjects: false })
  made.commentBefore = header.map((line) => (line === '' ? '' : ` ${line}`)).join('\n')
  return made.toString({ lineWidth: 0, blockQuote: 'literal' })
}
