import type { Head } from '../../judging/head.ts'

/** A field line: the name as sent, the value without the whitespace around it, as Latin-1. */
export type Field = readonly [name: string, value: string]
export type Fields = readonly Field[]

/** Where a body ends: there is none, after so many bytes, by its chunks, or with the connection. */
export type Framing = 'none' | 'chunked' | 'close' | { readonly length: number }

/** The head of a request, as it came. */
export interface RequestHead {
  readonly method: string
  readonly target: string
  /** `HTTP/1.1` or `HTTP/1.0`. */
  readonly version: string
  readonly fields: Fields
}

/** A request that is taken. */
export interface Request extends RequestHead {
  /** Path and query as sent, or `*`. */
  readonly path: string
  /** Host and port that are asked for; empty when an HTTP/1.0 client names none. */
  readonly authority: string
  readonly framing: Framing
  /** The client's address. */
  readonly peer: string
}

/** The head of a response, as it came or is sent: `version`, `status`, `reason` and `fields`. */
export type ResponseHead = Head

/** A message that cannot be taken: the status that tells the client so when it is a request; of a response, it is 502. */
export class Refused extends Error {
  readonly status: number
  constructor(status: number, because: string) {
    super(because)
    this.status = status
  }
}

/** What is wrong with the upstream: it cannot be reached, closed too early, said nothing in time, or made no sense. */
export type Failing = 'unreachable' | 'closed' | 'silent' | 'senseless'

/** There is no response from upstream. */
export class Failed extends Error {
  readonly how: Failing
  /** Whether any byte of a response had arrived. */
  readonly begun: boolean
  constructor(how: Failing, begun: boolean, because: string) {
    super(because)
    this.how = how
    this.begun = begun
  }
}

/** Whether a field has this name, whatever its case. */
const named = (name: string, [each]: Field): boolean => each.toLowerCase() === name.toLowerCase()

/** The values of every field with this name, in order. */
export function valuesOf(fields: Fields, name: string): readonly string[] {
  return fields.filter((field) => named(name, field)).map(([, value]) => value)
}

/** Whether there is a field with this name. */
export function has(fields: Fields, name: string): boolean {
  return fields.some((field) => named(name, field))
}

/** The fields without those of these names. */
export function without(fields: Fields, ...names: readonly string[]): Fields {
  return fields.filter((field) => !names.some((name) => named(name, field)))
}

/** The fields with one value for a name: in the place of the first field with that name, else at the end. */
export function withField(fields: Fields, name: string, value: string): Fields {
  const at = fields.findIndex((field) => named(name, field))
  if (at === -1) return [...fields, [name, value]]
  return [...without(fields.slice(0, at), name), [name, value], ...without(fields.slice(at + 1), name)]
}

/** The members of a field that is a list, over all its lines, as sent; commas in quoted strings do not divide. */
export function members(fields: Fields, name: string): readonly string[] {
  const all = valuesOf(fields, name).join(',')
  return (all.match(/(?:"(?:[^"\\]|\\.)*"|[^,"]|")+/g) ?? [])
    .map((each) => each.replaceAll(/^[ \t]+|[ \t]+$/g, ''))
    .filter((each) => each !== '')
}

/** The members of a list of tokens, in lower case. */
export function tokens(fields: Fields, name: string): readonly string[] {
  return members(fields, name).map((each) => each.toLowerCase())
}
