import type { Remedy, Result, Verdict } from './run.ts'

/** A line that mends a clause at a result, with the title of the server that it is for. */
export interface Mended extends Remedy {
  readonly title: string
}

/** The lines with which a clause was kept at one of the hops where it was broken. */
export function remediesOf({ tiers, remedies = [] }: Result, verdicts: readonly Verdict[]): readonly Mended[] {
  const broken = verdicts.filter(({ outcome }) => outcome === 'fail')
  return remedies
    .filter(({ role, server, mends }) =>
      broken.some((verdict) => verdict.role === role && verdict.server === server && mends.includes(verdict.clause)),
    )
    .map((remedy) => ({
      ...remedy,
      title: tiers.find(({ server }) => server === remedy.server)?.title ?? remedy.server,
    }))
}
