import { expect, test } from 'vitest'
import { Deviation, type Experiment } from '../conformance/index.ts'
import { byName, demandAll, demandInTurn, listed, those } from './inputs.ts'

const nobody = {} as Experiment

test.for([
  ['all', demandAll],
  ['in turn', demandInTurn],
] as const)('%s: every input is tried, and what is the same for several is told once', async ([, tried]) => {
  const check = async (_: Experiment, wrong: string, what: string): Promise<void> => {
    if (wrong !== '') throw new Deviation(`${what} ${wrong}`)
  }
  const inputs = { one: 'was lost', two: '', three: 'came twice', four: 'was lost' }
  await expect(tried(nobody, inputs, check)).rejects.toThrow(new Deviation('one, four was lost; three came twice'))
  await expect(tried(nobody, { two: '' }, check)).resolves.toBeUndefined()
})

test.for([
  ['all', demandAll],
  ['in turn', demandInTurn],
] as const)('%s: an input that breaks the experiment breaks it whatever the others do', async ([, tried]) => {
  const check = async (_: Experiment, error: Error): Promise<void> => {
    throw error
  }
  const inputs = { one: new Deviation('one was lost'), two: new Error('no proof') }
  await expect(tried(nobody, inputs, check)).rejects.toThrow(inputs.two)
})

test('what an input opens is closed when it has been tried, and the first that broke the rule is tried last', async () => {
  const log: string[] = []
  const experiment = {
    connect: async () => ({ [Symbol.dispose]: () => log.push('closed') }),
  } as unknown as Experiment
  const check = async (own: Experiment, _: string, what: string): Promise<void> => {
    await own.connect()
    log.push(what)
    if (what === 'one') throw new Deviation('one was lost')
  }
  await expect(demandInTurn(experiment, byName(['one', 'two']), check)).rejects.toThrow('one was lost')
  expect(log).toEqual(['one', 'closed', 'two', 'closed', 'one', 'closed'])
})

test('those of some inputs for which something holds, and words for them', async () => {
  expect(listed(await those(['a', 'b', 'c'], async (each) => each !== 'b'))).toBe('a, c')
  expect(listed(await those(['b'], async (each) => each !== 'b'))).toBe('none')
})
