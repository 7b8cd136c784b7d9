import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Conduct } from './conduct.ts'

/**
 * Faults: each makes the strict proxy and cache break exactly one rule, so that its clause can be seen to fail.
 *
 * How to write one: in `suites/mutants/intermediary/faults/`, in the file named after the clause's suite
 * (`rfc9110-forwarding.ts`), whose default export is its list:
 *
 *     import { fault } from '../faults.ts'
 *     import { strict } from '../strict/index.ts'
 *
 *     export default [
 *       fault('via.added', 'adds no Via to requests', { withRequestVia: (fields) => fields }),
 *       fault('cache.no-store', 'stores what says no-store', {
 *         forbidsStoring(request, head) {
 *           return !this.responseDirectives(head.fields).has('no-store') && strict.forbidsStoring.call(this, request, head)
 *         },
 *       }, { cache: true }),
 *     ]
 *
 * The first argument is the clause's id without its suite, the second ends the sentence "This intermediary ...". The third
 * replaces decisions (`conduct.ts` lists them all) by ones that are as they should be but for the one thing. `this` is the
 * mutant's conduct; `strict.decision.call(this, ...)` does what is right. A function that makes the decisions, `() => ({
 * ... })`, gives each mutant a memory of its own. A clause may have several faults, told apart by `name`.
 */
export interface Fault {
  /** The clause's id, without its suite. */
  readonly clause: string
  /** Tells it from other faults of the same clause. */
  readonly name: string
  readonly says: string
  readonly change: Change | (() => Change)
  /** Ids of the other clauses that cannot but fail or be blocked with it, as few as can be. */
  readonly also: readonly string[]
  /** Nothing fails, but the clause, which has no right answer, observes something else. */
  readonly observed: boolean
  /** Whether other clauses build upon its clause, so that they are blocked. */
  readonly blocks: boolean
  /** Whether it is a fault of the cache; all others are the proxy's. */
  readonly cache: boolean
}

/** Decisions in place of the strict ones. */
export type Change = Partial<Conduct> & ThisType<Conduct>

/** A fault with what it may have beside its clause. */
export function fault(
  clause: string,
  says: string,
  change: Change | (() => Change),
  options: Partial<Pick<Fault, 'name' | 'also' | 'observed' | 'blocks' | 'cache'>> = {},
): Fault {
  return { clause, says, change, name: '', also: [], observed: false, blocks: false, cache: false, ...options }
}

/** A fault and whose it is. */
export interface ListedFault extends Fault {
  readonly suite: string
  /** `CLAUSE` or `CLAUSE:NAME`. */
  readonly key: string
}

const FOLDER = join(import.meta.dirname, 'faults')

/** All faults that are written. */
export async function listedFaults(): Promise<readonly ListedFault[]> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts'))
  const lists = files.map(async (file) => {
    const { default: faults }: { readonly default: readonly Fault[] } = await import(join(FOLDER, file))
    const suite = file.slice(0, -'.ts'.length)
    return faults.map((each) => ({
      ...each,
      suite,
      key: each.name === '' ? each.clause : `${each.clause}:${each.name}`,
    }))
  })
  return (await Promise.all(lists)).flat()
}
