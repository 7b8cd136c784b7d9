import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Run } from '../reports/run.ts'
import { mentions, pids } from '../topologies/runtimes/processes.ts'
import { ROOT } from './catalogue.ts'

/** What the lab has just said when it is ended: from its first line to the middle of a load. */
const MOMENTS = ['Prepare the servers', 'Judge reverse-proxy', 'through nginx', 'Measure reverse-proxy', 'Dynamic']

let temporary: string
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'interrupt-'))
  chmodSync(temporary, 0o755)
})
afterEach(() => rmSync(temporary, { recursive: true, force: true }))

/** Processes of the lab under test: all of them have its temporary folder in their environment. */
const left = () => pids().filter((pid) => pid !== process.pid && mentions(pid, temporary))
const scratchFolders = () => readdirSync(temporary).filter((name) => name.startsWith('gateway-lab-'))

function lab(...words: string[]): ChildProcess {
  return spawn(process.execPath, ['scripts/boot.mjs', 'scripts/lab.ts', ...words], {
    cwd: ROOT,
    // A group of its own, as a terminal gives it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: `${temporary}/`, NO_COLOR: '1' },
  })
}

/** Starts a run and waits until it has said the word. */
async function runUntil(word: string): Promise<ChildProcess> {
  const out = join(temporary, 'report')
  const child = lab('--topology', 'reverse-proxy', '--profile', 'smoke', '--suite', 'pep3333-call', '--out', out)
  let said = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (said.includes(word)) resolve()
      })
    }
    child.once('exit', () => reject(new Error(`the lab ended before it said "${word}":\n${said}`)))
  })
  return child
}

test.each(MOMENTS)(
  'Ctrl-C at "%s" ends the lab with 130, keeps what was found, leaves no process and no folder',
  async (moment) => {
    const child = await runUntil(moment)
    const ended = once(child, 'exit')
    // A terminal sends the signal to the whole group.
    process.kill(-child.pid!, 'SIGINT')
    expect(await ended).toEqual([130, null])
    expect(left()).toEqual([])
    expect(scratchFolders()).toEqual([])
    const saved = join(temporary, 'report', 'run.json')
    if (moment.startsWith('Measure') || moment === 'Dynamic') {
      const run = Run.parse(JSON.parse(readFileSync(saved, 'utf8')))
      expect(run.results[0]!.verdicts.length).toBeGreaterThan(0)
      expect(run.finishedAt).toBeUndefined()
      expect(existsSync(join(temporary, 'report', 'report.html'))).toBe(true)
    }
  },
)

test.each(MOMENTS)('SIGKILL at "%s" leaves no process, and the next lab removes the folder', async (moment) => {
  const child = await runUntil(moment)
  const ended = once(child, 'exit')
  process.kill(-child.pid!, 'SIGKILL')
  await ended
  await expect.poll(left, { timeout: 15_000 }).toEqual([])
  const [code] = (await once(lab('clean'), 'exit')) as [number]
  expect(code).toBe(0)
  expect(scratchFolders()).toEqual([])
  const report = join(temporary, 'report')
  if (existsSync(report)) expect(readdirSync(report).filter((name) => name.endsWith('.part'))).toEqual([])
})

test('a lab whose starter is killed ends itself', async () => {
  const child = await runUntil('Measure reverse-proxy')
  const ended = once(child, 'exit')
  process.kill(child.pid!, 'SIGKILL')
  await ended
  await expect.poll(left, { timeout: 20_000 }).toEqual([])
  expect(scratchFolders()).toEqual([])
})
