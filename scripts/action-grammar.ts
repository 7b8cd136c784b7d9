import { registerHooks } from 'node:module'
import { TextDocument } from 'vscode-languageserver-textdocument'

/** An action that a workflow may use, as far as its steps are checked against it. */
interface Metadata {
  readonly inputs: Readonly<Record<string, { readonly description: string }>>
}

// GitHub's package imports JSON as only bundlers do.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
})
const { validate } = await import('@actions/languageservice')

/** The service remembers what it read under a name, so that each text needs one of its own. */
let asked = 0

/**
 * What GitHub's own language service holds against an action (`action.yml`) or a workflow, a sentence each. Steps are checked
 * against the actions that are given, by OWNER/REPOSITORY/FOLDER: there are no others.
 */
export async function problemsOf(
  name: string,
  text: string,
  actions: Readonly<Record<string, Metadata>> = {},
): Promise<readonly string[]> {
  const document = TextDocument.create(`file:///${++asked}/${name}`, 'yaml', 0, text)
  const found = await validate(document, {
    actionsMetadataProvider: {
      fetchActionMetadata: async ({ owner, name, path }) => {
        const known = actions[[owner, name, path].filter(Boolean).join('/')]
        return known && { name, description: name, inputs: { ...known.inputs } }
      },
    },
  })
  return found.map(({ message, range }) => `line ${range.start.line + 1}: ${message}`)
}
