import { expect, test } from 'vitest'
import { fixture } from '../fixture/whole.ts'
import json from './json.ts'

test('the file holds the whole run and can be read back', async () => {
  const [artifact] = await json.render(fixture())
  expect(artifact!.name).toBe('run.json')
  expect(JSON.parse(String(artifact!.content))).toEqual(fixture())
})

test('a run that is not one is refused', async () => {
  await expect(json.render({ ...fixture(), repeats: -1 })).rejects.toThrow('repeats')
})
