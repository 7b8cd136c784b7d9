import { expect, test } from 'vitest'
import { generatorFor } from './generator-for.ts'

const CLOSED = { loop: { kind: 'closed', connections: 4 }, warmUpSeconds: 0, seconds: 1, timeoutSeconds: 1 } as const
const OPEN = { ...CLOSED, loop: { kind: 'open', rate: 10, connections: 4 } } as const

test('autocannon produces closed loops that it can produce, pacer all others', async () => {
  expect(await generatorFor(CLOSED)).toMatchObject({ name: 'autocannon' })
  expect(await generatorFor(OPEN)).toMatchObject({ name: 'pacer' })
  expect(await generatorFor({ ...CLOSED, connection: 'close' })).toMatchObject({ name: 'pacer' })
  expect(await generatorFor({ ...CLOSED, slowClients: { idle: 1, trickling: 0 } })).toMatchObject({ name: 'pacer' })
})

test('who is asked for is taken', async () => {
  expect(await generatorFor(CLOSED, 'pacer')).toMatchObject({ name: 'pacer' })
})

test('one that is asked for and cannot do it says so, and who can', async () => {
  await expect(generatorFor(OPEN, 'autocannon')).rejects.toThrow(
    'The generator autocannon cannot produce this load: of loops it knows only closed, not open.\nUse --generator pacer, or leave it out.',
  )
  await expect(generatorFor({ ...CLOSED, uploadBytes: 10 }, 'autocannon')).rejects.toMatchObject({
    message: expect.stringMatching(
      /^The generator autocannon cannot produce this load: it sends nothing but one GET/,
    ) as string,
    exitCode: 2,
  })
})
