import { fault, type Change } from '../faults.ts'
import { has, members, valuesOf, type Field, type Fields } from '../messages.ts'
import { strict } from '../strict/index.ts'

const CACHE = { cache: true }

/** A Cache-Control field with other members. */
const cacheControl = (all: readonly string[]): Fields => [['Cache-Control', all.join(', ')]]

/** Takes an Expires for another one. */
const readingExpires = (read: (text: string) => string): Change => ({
  lifetime(stored) {
    const fields = stored.head.fields.map(([name, value]): Field => [
      name,
      name.toLowerCase() === 'expires' ? read(value) : value,
    ])
    return strict.lifetime.call(this, { ...stored, head: { ...stored.head, fields } })
  },
})

export default [
  fault(
    'cache.s-maxage-wins',
    'prefers max-age to s-maxage',
    {
      lifetime(stored) {
        const said = this.responseDirectives(stored.head.fields)
        const plain = said.has('s-maxage') ? said.get('max-age') : undefined
        return plain === undefined ? strict.lifetime.call(this, stored) : this.deltaSeconds(plain)
      },
    },
    { ...CACHE, name: 'max-age', also: ['cache.directive-case'] },
  ),

  fault(
    'cache.s-maxage-wins',
    'prefers Expires to s-maxage',
    {
      lifetime(stored) {
        const { fields } = stored.head
        const isAside = has(fields, 'expires') && this.responseDirectives(fields).has('s-maxage')
        const directives = isAside ? () => new Map<string, string>() : this.responseDirectives
        return strict.lifetime.call({ ...this, responseDirectives: directives }, stored)
      },
    },
    { ...CACHE, name: 'expires', also: ['cache.max-age-over-expires'] },
  ),

  fault(
    'cache.max-age-over-expires',
    'follows Expires where it is earlier than max-age',
    {
      lifetime(stored) {
        const { fields } = stored.head
        const lifetime = strict.lifetime.call(this, stored)
        if (!has(fields, 'expires')) return lifetime
        const bare = { ...this, responseDirectives: () => new Map<string, string>() }
        return Math.min(lifetime, strict.lifetime.call(bare, stored))
      },
    },
    CACHE,
  ),

  fault(
    'cache.expires',
    'takes what has expired for fresh for a minute',
    {
      lifetime(stored) {
        const [expires, ...more] = valuesOf(stored.head.fields, 'expires')
        const isPast = expires?.endsWith('GMT') && /^\w{3},/.test(expires) && more.length === 0
        const lifetime = strict.lifetime.call(this, stored)
        const isBare = this.responseDirectives(stored.head.fields).size === 0
        return lifetime === 0 && isPast && isBare && this.httpDate(expires!) !== undefined ? 60 : lifetime
      },
    },
    CACHE,
  ),

  fault(
    'cache.expires-minus-date',
    'compares Expires with its own clock',
    {
      lifetime(stored) {
        const { head, receivedAt } = stored
        const dated: Fields = [['Date', new Date(receivedAt).toUTCString()]]
        const fields = [...dated, ...head.fields.filter(([name]) => name.toLowerCase() !== 'date')]
        return strict.lifetime.call(this, { ...stored, head: { ...head, fields } })
      },
    },
    CACHE,
  ),

  fault(
    'cache.expires-invalid',
    'gives a minute to what expires at no valid date',
    {
      lifetime(stored) {
        const { fields } = stored.head
        const isInvalid = has(fields, 'expires') && this.httpDate(valuesOf(fields, 'expires')[0]!) === undefined
        return isInvalid && this.responseDirectives(fields).size === 0 ? 60 : strict.lifetime.call(this, stored)
      },
    },
    { ...CACHE, also: ['cache.expires-zone'] },
  ),

  fault(
    'cache.expires-zone',
    'takes the time of any zone for that of Greenwich',
    readingExpires((text) => text.replace(/ [A-Z]{3}$/, ' GMT')),
    CACHE,
  ),

  fault(
    'cache.date-formats',
    'knows no Expires in the form of RFC 850',
    readingExpires((text) => text.replace(/^\w+day,.*/i, '')),
    { ...CACHE, name: 'rfc850' },
  ),

  fault(
    'cache.date-formats',
    'knows no Expires in the form of asctime',
    readingExpires((text) => (text.includes(',') ? text : '')),
    { ...CACHE, name: 'asctime' },
  ),

  fault(
    'cache.date-case',
    'wants the letters of Expires in their usual case',
    readingExpires((text) => (/^[A-Z][a-z]/.test(text) ? text : '')),
    CACHE,
  ),

  fault(
    'cache.first-value',
    'follows the last of directives that come twice',
    {
      directives(fields) {
        return strict.directives.call(this, cacheControl(members(fields, 'cache-control').toReversed()))
      },
    },
    { ...CACHE, name: 'directives' },
  ),

  fault(
    'cache.first-value',
    'follows the last of two Expires fields',
    {
      lifetime(stored) {
        const { head } = stored
        return strict.lifetime.call(this, { ...stored, head: { ...head, fields: head.fields.toReversed() } })
      },
    },
    { ...CACHE, name: 'expires' },
  ),

  fault(
    'cache.directive-case',
    'knows directives of lifetimes in lower case only',
    {
      directives(fields) {
        const known = members(fields, 'cache-control').filter(
          (member) => !/^[^=]*[A-Z]/.test(member) || /^(no-store|private)/i.test(member),
        )
        return strict.directives.call(this, cacheControl(known))
      },
    },
    CACHE,
  ),

  fault(
    'cache.delta-overflow',
    'keeps seconds in 32 bits, and lets them overflow',
    {
      deltaSeconds(argument) {
        const isNumber = typeof argument === 'string' && /^\d+$/.test(argument)
        return isNumber ? Number(BigInt.asIntN(32, BigInt(argument))) : strict.deltaSeconds.call(this, argument)
      },
    },
    CACHE,
  ),

  fault(
    'cache.no-heuristic',
    'prolongs what Expires says where it was last modified long ago',
    {
      lifetime(stored) {
        const lifetime = strict.lifetime.call(this, stored)
        const modified = this.httpDate(valuesOf(stored.head.fields, 'last-modified')[0] ?? '')
        const unchanged = modified === undefined ? 0 : (stored.receivedAt - modified) / 1000
        const isBare = this.responseDirectives(stored.head.fields).size === 0
        return lifetime > 0 && isBare ? Math.max(lifetime, unchanged / 10) : lifetime
      },
    },
    CACHE,
  ),
]
