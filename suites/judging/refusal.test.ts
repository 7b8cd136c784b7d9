import { expect, test } from 'vitest'
import { demand, Deviation, type Experiment } from '../conformance/index.ts'
import { demandEach } from './refusal.ts'
import type { Connection } from './wire.ts'

/** An experiment that notes what becomes of its connections. */
function noting(notes: string[]): Experiment {
  const closing = { [Symbol.dispose]: () => void notes.push('closed') } as unknown as Connection
  return { connect: async () => closing } as unknown as Experiment
}

test('all that broke the rule is told of, the same together, and each input is closed before the next', async () => {
  const notes: string[] = []
  const inputs = { 'the one': 1, 'the two': 2, 'the three': 3, 'the four': 4 }
  const tried = demandEach(noting(notes), inputs, async (experiment, input, what) => {
    notes.push(what)
    await experiment.connect()
    demand(input < 2, input === 4 ? 'four is another matter' : `${what} got through`)
  })
  await expect(tried).rejects.toThrow(new Deviation('the two, the three got through; four is another matter'))
  // The first that broke the rule comes once more: the evidence ends with it.
  const order = ['the one', 'the two', 'the three', 'the four', 'the two']
  expect(notes).toEqual(order.flatMap((what) => [what, 'closed']))
})

test('what is no deviation flies at once', async () => {
  const notes: string[] = []
  const tried = demandEach(noting(notes), { 'the one': 1, 'the two': 2 }, async (experiment, _input, what) => {
    notes.push(what)
    await experiment.connect()
    throw new Error('the lab is broken')
  })
  await expect(tried).rejects.toThrow('the lab is broken')
  expect(notes).toEqual(['the one', 'closed'])
})
