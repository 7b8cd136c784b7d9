import { mkdtempSync, chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { plannedRun, type Planning } from '../../reports/fixture/planned.ts'
import type { Run } from '../../reports/run.ts'
import { endedLab, type Ended } from '../started-lab.ts'

/** A folder for tests of exports, with a plan in it. Below /tmp: services that root starts run as another user. */
export interface PlanFolder extends Disposable {
  readonly folder: string
  /** `npm run lab -- export PLAN --out FOLDER/NAME WORDS`; resolves with what it said. */
  export(name: string, words: readonly string[]): Promise<Ended>
}

/** A plan whose origin is this lab's, of an application. */
export function planFolder(application: Run['application'], changes: Partial<Planning> = {}): PlanFolder {
  const folder = mkdtempSync('/tmp/lab-export-')
  chmodSync(folder, 0o755)
  const run = plannedRun({
    ...changes,
    change: (made) => {
      const changed = changes.change?.(made) ?? made
      return { ...changed, application }
    },
  })
  const file = join(folder, 'run.json')
  writeFileSync(file, JSON.stringify(run))
  return {
    folder,
    export: (name, words) => endedLab(['export', file, '--out', join(folder, name), ...words]),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
