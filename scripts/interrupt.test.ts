import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Run } from '../reports/run.ts'
import { processesLeft, runUntil, startLab } from './started-lab.ts'

/** What the lab has just said when it is ended: from its first line, over servers brought up once more, to the middle of a load. */
const MOMENTS = [
  'Prepare the servers',
  'Judge reverse-proxy',
  'through gunicorn',
  'through nginx',
  'Measure reverse-proxy',
  'Dynamic',
]

let temporary: string
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'interrupt-'))
  chmodSync(temporary, 0o755)
})
afterEach(() => rmSync(temporary, { recursive: true, force: true }))

const left = () => processesLeft(temporary)
const scratchFolders = () => readdirSync(temporary).filter((name) => name.startsWith('gateway-lab-'))
const runTo = (word: string) => runUntil(temporary, word, ['--runtime', 'native'])

test.each(MOMENTS)(
  'Ctrl-C at "%s" ends the lab with 130, keeps what was found, leaves no process and no folder',
  async (moment) => {
    const child = await runTo(moment)
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
  const child = await runTo(moment)
  const ended = once(child, 'exit')
  process.kill(-child.pid!, 'SIGKILL')
  await ended
  await expect.poll(left, { timeout: 15_000 }).toEqual([])
  const [code] = (await once(startLab(temporary, ['clean']), 'exit')) as [number]
  expect(code).toBe(0)
  expect(scratchFolders()).toEqual([])
  const report = join(temporary, 'report')
  if (existsSync(report)) expect(readdirSync(report).filter((name) => name.endsWith('.part'))).toEqual([])
})

test('a lab whose starter is killed ends itself', async () => {
  const child = await runTo('Measure reverse-proxy')
  const ended = once(child, 'exit')
  process.kill(child.pid!, 'SIGKILL')
  await ended
  await expect.poll(left, { timeout: 20_000 }).toEqual([])
  expect(scratchFolders()).toEqual([])
})
