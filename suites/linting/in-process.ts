import { join } from 'node:path'
import { EXIT, LabError } from '../../topologies/runtimes/lab-error.ts'
import { runPython } from '../../topologies/runtimes/python-process.ts'
import { endOf } from '../../topologies/runtimes/service.ts'
import { lintEnvironment, type Linted, type Place } from './index.ts'

/** A line that the checker writes (`apps/linting/call.py`). */
export interface Note {
  readonly nonce: string
  readonly event: string
  readonly [detail: string]: unknown
}

/** What the usual requests were answered in process: a server is expected to pass that on. */
export interface Answered {
  readonly status: string | null
  readonly failed: boolean
  /** Whether the body was taken to its end: it may have none. */
  readonly whole: boolean
  readonly overtime: boolean
}

/** The application in process, with what it answered to each of the usual requests (`GET /`). */
export interface InProcess extends Place {
  readonly answered: ReadonlyMap<string, Answered>
}

/** A Python and what it needs in its environment. */
export interface Python {
  readonly python: string
  readonly env: Readonly<Record<string, string>>
}

/** Longest time for all situations of a path: each call is ended after 5 s. */
const PATH_MS = 300_000

/** Runs the application under the checker in a process of its own. `apps` is where services can read the checker. */
export async function lintInProcess(
  linted: Linted,
  { python, env }: Python,
  apps: string,
  signal?: AbortSignal,
): Promise<InProcess> {
  const { stdout, stderr, ending, isLate } = await runPython({
    python,
    argv: [join(apps, 'linting', 'in_process.py'), ...linted.paths],
    apps,
    environment: { ...lintEnvironment(linted), ...env, PYTHONDONTWRITEBYTECODE: '1' },
    limit: PATH_MS * linted.paths.length,
    signal,
  })
  const notes = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Note)
  refuse(notes)
  const done = notes.find(({ event }) => event === 'done')
  if (!done) {
    const why = isLate ? 'did not come to an end' : `ended its process (${ending})`
    throw new LabError(`The application ${why}.`, `The end of what it wrote:\n${endOf(stderr)}`)
  }
  refuseSilence(notes)
  return place(notes, `in process (Python ${String(done['python'])})`)
}

/** The checker could not get hold of the application: it says why and what to do. */
function refuse(notes: readonly Note[]): void {
  const refused = notes.find(({ event }) => event === 'refused')
  if (!refused) return
  throw new LabError(String(refused['saw']), String(refused['todo']), {
    exitCode: refused['kind'] === 'usage' ? EXIT.usage : EXIT.environment,
  })
}

/** An application that answers nothing in time shows nothing. */
function refuseSilence(notes: readonly Note[]): void {
  const silent = notes.find(
    ({ event, overtime, status }) => event === 'answered' && overtime === true && status === null,
  )
  if (!silent) return
  const asked = notes.find(({ event, nonce }) => event === 'asked' && nonce === silent.nonce)!
  throw new LabError(
    `The application did not answer ${String(asked['method'])} ${String(asked['path'])} within 5 s.`,
    'Ask it for something that takes less: --path.',
    { exitCode: EXIT.inconclusive },
  )
}

function place(notes: readonly Note[], where: string): InProcess {
  const requests = new Map(notes.filter(({ event }) => event === 'asked').map((asked) => [asked.nonce, asked]))
  const named = ({ nonce }: Note) => {
    const { method, path, situation } = requests.get(nonce)!
    return `${String(method)} ${String(path)}${situation ? `, ${String(situation)}` : ''}`
  }
  const usual = notes.filter(({ event, nonce }) => event === 'answered' && requests.get(nonce)!['situation'] === '')
  const answered = new Map<string, Answered>()
  // The same request is asked again to compare: the first answer counts.
  for (const note of usual) if (!answered.has(named(note))) answered.set(named(note), note as unknown as Answered)
  return {
    where,
    reached: new Set(notes.filter(({ event }) => event === 'reached').map(({ rule }) => String(rule))),
    broken: notes
      .filter(({ event }) => event === 'broken')
      .map((note) => ({
        rule: String(note['rule']),
        sighting: { where, request: named(note), saw: String(note['saw']) },
      })),
    answers: [...answered].map(([request, { status }]) => ({ request, words: status ?? 'no status' })),
    answered,
  }
}
