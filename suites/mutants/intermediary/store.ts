import type { Conduct, Stored } from './conduct.ts'
import type { Request } from './messages.ts'

/** Stored responses, by key. */
export interface Store {
  /** The one that fits a request. */
  find(request: Request): Stored | undefined
  /** Adds one, in place of what would have fitted the request. */
  add(request: Request, stored: Stored): void
  replace(old: Stored, by: Stored): void
  drop(stored: Stored): void
  invalidate(keys: readonly string[]): void
}

/** An empty store. */
export function storeOf(conduct: Conduct): Store {
  const all = new Map<string, readonly Stored[]>()
  const fits = (request: Request): readonly Stored[] =>
    (all.get(conduct.cacheKey(request)) ?? []).filter((each) => conduct.varyMatches(each, request))
  const change = (stored: Stored, by: readonly Stored[]): void => {
    for (const [key, list] of all)
      if (list.includes(stored))
        all.set(
          key,
          list.flatMap((each) => (each === stored ? by : [each])),
        )
  }
  return {
    find: (request) => conduct.chosen(fits(request)),
    add(request, stored) {
      const key = conduct.cacheKey(request)
      const replaced = fits(request)
      all.set(key, [...(all.get(key) ?? []).filter((each) => !replaced.includes(each)), stored])
    },
    replace: (old, by) => change(old, [by]),
    drop: (stored) => change(stored, []),
    invalidate(keys) {
      for (const key of keys) all.delete(key)
    },
  }
}
