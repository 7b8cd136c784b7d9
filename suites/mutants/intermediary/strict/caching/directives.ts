import type { Caching, Conduct, Directives } from '../../conduct.ts'
import { members, type Fields } from '../../messages.ts'
import { dateOf } from './dates.ts'

const DIRECTIVE = /^([^=\s]+)(?:=(?:"((?:[^"\\]|\\.)*)"|(.*)))?$/s

/** Cache-Control and its like, by RFC 9111 §5.2. */
export const directives: Pick<Caching, 'directives' | 'responseDirectives' | 'deltaSeconds' | 'httpDate'> &
  ThisType<Conduct> = {
  directives: (fields) => parsed(fields, 'cache-control'),

  // No targeted field is meant for this cache (RFC 9213 §2.2).
  responseDirectives(fields) {
    return this.directives(fields)
  },

  // 2^31 is as good as for ever (§1.2.2).
  deltaSeconds: (argument) =>
    typeof argument === 'string' && /^\d+$/.test(argument) ? Math.min(Number(argument), 2 ** 31) : 0,

  httpDate: dateOf,
}

/** The directives of a field: of each the first. */
export function parsed(fields: Fields, name: string): Directives {
  const found = new Map<string, string | true>()
  for (const member of members(fields, name)) {
    const [, directive = '', quoted, plain] = DIRECTIVE.exec(member) ?? []
    const key = directive.toLowerCase()
    if (key !== '' && !found.has(key)) found.set(key, quoted?.replaceAll(/\\(.)/gs, '$1') ?? plain ?? true)
  }
  return found
}

/** The names of fields that the qualified form of a directive lists; undefined for one that is absent or stands alone. */
export function listedBy(directives: Directives, name: string): readonly string[] | undefined {
  const value = directives.get(name)
  if (value === undefined || value === true) return undefined
  return value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}
