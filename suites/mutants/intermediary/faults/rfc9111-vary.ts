import { fault } from '../faults.ts'
import { members, tokens, withField } from '../messages.ts'
import { strict } from '../strict/index.ts'

const CACHE = { cache: true }

/** Decides about a stored response as if its Vary field were this; `undefined` is the one it has. */
const asIf = (said: (names: readonly string[], lines: readonly string[]) => readonly string[] | undefined) => ({
  varyMatches(this: typeof strict, ...[stored, request]: Parameters<typeof strict.varyMatches>) {
    const { fields } = stored.head
    const lines = fields.filter(([name]) => name.toLowerCase() === 'vary').map(([, value]) => value)
    const names = lines.length === 0 ? undefined : said(tokens(fields, 'vary'), lines)
    const head = names === undefined ? stored.head : { ...stored.head, fields: withField(fields, 'Vary', names.join()) }
    return strict.varyMatches.call(this, { ...stored, head }, request)
  },
})

export default [
  fault(
    'cache.vary-match',
    'gives a stored response to everybody, whatever Vary says',
    asIf((names) => (names.includes('*') ? undefined : [])),
    CACHE,
  ),

  fault(
    'cache.vary-match',
    'heeds the last of several Vary lines only',
    asIf((names, lines) => (names.includes('*') ? undefined : members([['Vary', lines.at(-1)!]], 'vary'))),
    { ...CACHE, name: 'last-line' },
  ),

  fault(
    'cache.vary-match',
    'compares only the first line of the fields that Vary names',
    {
      comparable(values, name) {
        return strict.comparable.call(this, values.slice(0, 1), name)
      },
    },
    { ...CACHE, name: 'first-value' },
  ),

  fault(
    'cache.vary-match',
    'takes all field values for case-insensitive',
    {
      comparable(values, name) {
        return strict.comparable.call(
          this,
          values.map((value) => value.toLowerCase()),
          name,
        )
      },
    },
    { ...CACHE, name: 'case' },
  ),

  fault(
    'cache.vary-star',
    'takes "*" in Vary for the name of a field',
    asIf((names) => names.map((name) => (name === '*' ? 'star' : name))),
    { ...CACHE, name: 'anywhere' },
  ),

  fault(
    'cache.vary-star',
    'knows "*" in Vary only when it stands alone',
    asIf((names) => (names.length > 1 ? names.filter((name) => name !== '*') : undefined)),
    { ...CACHE, name: 'in-lists' },
  ),

  fault(
    'cache.vary-normalise',
    'compares fields to the letter',
    { comparable: (values) => `${values.length}: ${values.join('\n')}` },
    { ...CACHE, observed: true },
  ),
]
