import { join } from 'node:path'
import type { Suite } from '../../suites/conformance/index.ts'
import type { Run } from '../../reports/run.ts'
import { requestTarget } from '../application/request-target.ts'
import { ROOT, suites } from '../catalogue.ts'
import { choose, chooseClauses, usageError } from '../choices.ts'
import { refuseEndless } from '../loads.ts'
import type { ServerWords } from '../options.ts'
import { userPath } from '../save.ts'
import { readBaseline } from './baseline-file.ts'
import type { DuetOptions } from './duet.ts'
import { isDifferent, type SideWords } from './sides.ts'
import type { Tolerances } from './tolerances.ts'

/** Options of `gate`, as commander gives them. */
export interface GateWords
  extends SideWords, Pick<ServerWords, 'server' | 'workers' | 'threads' | 'cpus' | 'toolchain'> {
  readonly path?: string
  readonly tolerance: Tolerances
  readonly rounds: number
  readonly seconds: number
  readonly rate?: number
  readonly baseline?: string
  readonly update?: boolean
  readonly suite: readonly string[]
  readonly clause: readonly string[]
  /** True when the option stands without a file. */
  readonly history?: string | true
  readonly out?: string
  readonly json?: boolean
  readonly seed?: number
}

/** What a gate is to do, checked as far as that is possible without the sides. */
export interface GateOptions {
  /** Absent when nothing differs between the sides, so that only verdicts are compared. */
  readonly duet?: Pick<DuetOptions, 'path' | 'rounds' | 'seconds' | 'rate' | 'tolerances'>
  /** Absent when no baseline is named. */
  readonly conformance?: {
    readonly suites: readonly Suite[]
    readonly file: string
    /** Absent when it is to be written. */
    readonly baseline?: Run
  }
  readonly history?: string
}

/** What is asked for where the application is the lab's own. */
const LAB_PATH = '/time'
/** Where the history is kept when no file is named. */
const HISTORY = join(ROOT, 'reports', 'history.jsonl')

/** Reads the words; what is wrong with them is a usage error. */
export async function gateOptions(words: GateWords): Promise<GateOptions> {
  refuseMeaningless(words)
  return {
    ...(isDifferent(words) ? { duet: duetOf(words) } : {}),
    ...(words.baseline === undefined ? {} : { conformance: await conformanceOf(words, words.baseline) }),
    ...(words.history === undefined ? {} : { history: words.history === true ? HISTORY : userPath(words.history) }),
  }
}

/** Words without effect would look as if something had been compared that was not. */
function refuseMeaningless(words: GateWords): void {
  const { app, baseline, update } = words
  const ofApplication = [
    ['--base-app', words.baseApp],
    ['--base', words.base],
    ['--static', words.static[0]],
    ['--requirements', words.requirements],
    ['--python-path', words.pythonPath[0]],
    ['--base-python-path', words.basePythonPath[0]],
    ['--env', words.env[0]],
  ].find(([, given]) => given !== undefined)
  if (app === undefined && ofApplication)
    throw usageError(`${ofApplication[0]} is about an application of yours.`, 'Add --app FILE:callable.')
  if (update && baseline === undefined)
    throw usageError('--update needs the file that it is to write.', 'Add --baseline FILE.')
  if (update && isDifferent(words))
    throw usageError('--update only judges and writes the baseline.', 'Leave what you say of the base out.')
  if (baseline === undefined && [...words.suite, ...words.clause].length > 0)
    throw usageError('Clauses are judged to be compared with a baseline.', 'Add --baseline RUN.json.')
  if (isDifferent(words)) return
  const what =
    '--base REF or --base-app FILE:callable for your application, --base-server role=name, --base-config role=FILE'
  if (baseline === undefined)
    throw usageError(
      'Nothing differs between the two sides.',
      `Say what the base is: ${what}; or compare verdicts with those of an earlier run: --baseline RUN.json.`,
    )
  const unused =
    app !== undefined ? '--app' : words.path !== undefined ? '--path' : words.rate !== undefined ? '--rate' : undefined
  if (unused)
    throw usageError(
      `${unused} is about measuring, and without a base nothing is measured.`,
      `Leave it out, or say what the base is: ${what}.`,
    )
}

function duetOf(words: GateWords): NonNullable<GateOptions['duet']> {
  const { app, path = app === undefined ? LAB_PATH : '/', rounds, seconds, rate, tolerance: tolerances } = words
  if (Object.keys(tolerances).length === 0)
    throw usageError('No metric is left to be gated.', 'Leave one --tolerance metric=off out.')
  if (rate !== undefined) refuseEndless(rate, seconds)
  const size = { rounds, seconds: { offered: seconds, saturated: seconds / 2 }, tolerances }
  return { path: requestTarget(path), ...size, ...(rate === undefined ? {} : { rate }) }
}

async function conformanceOf(
  { suite, clause, update }: GateWords,
  baseline: string,
): Promise<NonNullable<GateOptions['conformance']>> {
  const chosen = chooseClauses(choose('suite', await suites(), suite), clause)
  const asked = { suites: chosen, file: baseline }
  return update ? asked : { ...asked, baseline: await readBaseline(baseline) }
}
