import { expect, test } from 'vitest'
import { workloads } from './catalogue.ts'
import { MOST_REQUESTS, refuseEndless, swept } from './loads.ts'
import { sweep } from './parsers.ts'

const all = await workloads()

test('a sweep asks for the same things at each of its loads', () => {
  const time = all.filter(({ name }) => name === 'time')
  const points = swept(time, sweep('rate=400,0.5,400'))
  expect(points.map(({ name, path, loop }) => [name, path, loop.kind, 'rate' in loop && loop.rate])).toEqual([
    ['time', '/time', 'open', 0.5],
    ['time', '/time', 'open', 400],
  ])
  expect(swept(time, sweep('connections=8,1')).map(({ loop }) => loop)).toEqual([
    { kind: 'closed', connections: 1 },
    { kind: 'closed', connections: 8 },
  ])
})

test('no load sends more requests than a machine should be asked for by mistake', () => {
  expect(() => refuseEndless(MOST_REQUESTS / 100, 100)).not.toThrow()
  expect(() => refuseEndless(MOST_REQUESTS / 100, 101)).toThrow(/20 million/)
})
