import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventsIn } from './events.ts'

/** A log that is not there yet. */
async function log(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-events-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'events')
}

const line = (nonce: string, event: string): string => `${JSON.stringify({ nonce, event })}\n`
const names = async (events: ReturnType<ReturnType<typeof eventsIn>>): Promise<readonly string[]> =>
  (await events).map(({ event }) => event)

test('events are those of a nonce, in order, as far as their lines are written', async () => {
  const file = await log()
  const events = eventsIn(file)
  expect(await events('n1')).toEqual([])
  await writeFile(
    file,
    `${line('n1', 'called')}no event\nnull\n${line('n12', 'called')}${line('n1', 'next').slice(0, 9)}`,
  )
  const first = await events('n1')
  expect(first.map(({ event }) => event)).toEqual(['called'])
  await appendFile(file, line('n1', 'next').slice(9))
  expect(await names(events('n1'))).toEqual(['called', 'next'])
  expect(first).toHaveLength(1)
  expect(await names(events('n12'))).toEqual(['called'])
  expect(await names(events('n'))).toEqual([])
})

test('many may ask at once while it grows, and none sees an event twice', async () => {
  const file = await log()
  const events = eventsIn(file)
  for (let round = 0; round < 5; round++) {
    const more = Array.from({ length: 2000 }, (_, index) => line(`n${index % 4}`, `${round}, ${index}, ü`)).join('')
    const asked = ['n0', 'n1', 'n2', 'n3'].map((nonce) => events(nonce))
    await appendFile(file, more)
    await Promise.all(asked)
    const seen = await Promise.all(['n0', 'n1', 'n2', 'n3'].map((nonce) => names(events(nonce))))
    for (const each of seen) {
      expect(each).toHaveLength(500 * (round + 1))
      expect(new Set(each).size).toBe(each.length)
    }
  }
})

test('a log that is begun anew is read anew', async () => {
  const file = await log()
  const events = eventsIn(file)
  await writeFile(file, line('n1', 'called') + line('n1', 'close'))
  expect(await names(events('n1'))).toEqual(['called', 'close'])
  await writeFile(file, line('n2', 'called'))
  expect(await names(events('n2'))).toEqual(['called'])
})
