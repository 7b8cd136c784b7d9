import { usageError } from '../choices.ts'

/** A request target as it was typed, checked. */
export function requestTarget(given: string): string {
  // With two slashes it would name another host, read as a reference.
  if (!/^\/[\x21-\x7e]*$/.test(given) || given.startsWith('//') || given.includes('#'))
    throw usageError(
      `"${given}" is not a path.`,
      'Write it as it stands in a request: it begins with one / and is percent-encoded.',
    )
  return given
}
