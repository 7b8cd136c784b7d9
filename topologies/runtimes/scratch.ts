import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mentions, processes, startTime } from './processes.ts'
import { LabError } from './lab-error.ts'
import { servicesMayEnter } from './service-user.ts'

const PREFIX = 'gateway-lab-'
/** How long a folder may be without an owner's name before it counts as left behind: its lab is just writing it. */
const UNOWNED_MS = 60_000

/** Where scratch folders are made: root's own temporary folder may be closed to the services' user. */
const place = (): string => (servicesMayEnter(tmpdir()) ? tmpdir() : '/tmp')

/** A lab's scratch folder: everything its services write, and the names of their processes. */
export interface Scratch extends Disposable {
  readonly directory: string
  /** Notes a service's main process, so that the next lab finds its session should this one be killed. */
  note(pid: number): void
}

/** A new scratch folder, with this process as its owner. */
export function scratch(): Scratch {
  try {
    const directory = mkdtempSync(join(place(), PREFIX))
    // Services run as another user when the lab is root.
    chmodSync(directory, 0o755)
    writeFileSync(join(directory, 'owner'), `${process.pid} ${startTime(process.pid)}`)
    writeFileSync(join(directory, 'sessions'), '')
    return {
      directory,
      note: (pid) => writeFileSync(join(directory, 'sessions'), `${pid} ${startTime(pid)}\n`, { flag: 'a' }),
      [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }),
    }
  } catch (cause) {
    throw new LabError(
      `No scratch folder could be made in ${place()}: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Free some space there, or set TMPDIR to another folder.',
      { cause },
    )
  }
}

/** What `sweep` removed. */
export interface Swept {
  readonly directories: readonly string[]
  readonly processes: readonly number[]
}

/** Removes what dead labs of this user left: their processes and their scratch folders. Living labs are not touched. */
export async function sweep(): Promise<Swept> {
  const left = readdirSync(place())
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(place(), name))
    .filter((directory) => isOwn(directory) && isDead(directory))
  const killed: number[] = []
  for (const directory of left) {
    const sessions = sessionsOf(directory)
    for (let round = 0; round < 20; round++) {
      const found = processes().filter(
        ({ pid, session }) => pid !== process.pid && (sessions.has(session) || mentions(pid, directory)),
      )
      if (found.length === 0) break
      for (const { pid } of found) {
        try {
          process.kill(pid, 'SIGKILL')
          killed.push(pid)
        } catch {
          // Gone meanwhile, or another user's: then it is not the lab's.
        }
      }
      await sleep(25)
    }
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
  }
  return { directories: left, processes: [...new Set(killed)] }
}

function isOwn(directory: string): boolean {
  try {
    return statSync(directory).uid === process.getuid?.()
  } catch {
    return false
  }
}

function isDead(directory: string): boolean {
  const file = join(directory, 'owner')
  try {
    if (!existsSync(file)) return Date.now() - statSync(directory).mtimeMs > UNOWNED_MS
    const [pid, started] = readFileSync(file, 'utf8').split(' ').map(Number)
    return startTime(pid!) !== started
  } catch {
    return false
  }
}

/** Sessions noted in the folder whose first process is still the noted one or gone (a pid can be given out again). */
function sessionsOf(directory: string): ReadonlySet<number> {
  const text = existsSync(join(directory, 'sessions')) ? readFileSync(join(directory, 'sessions'), 'utf8') : ''
  const noted = text
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' ').map(Number) as [number, number])
  return new Set(
    noted
      .filter(([pid, started]) => {
        const now = startTime(pid)
        return now === undefined || now === started
      })
      .map(([pid]) => pid),
  )
}
