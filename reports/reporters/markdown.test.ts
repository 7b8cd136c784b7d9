import { expect, test } from 'vitest'
import { isolated } from '../fixture/isolated.ts'
import { fixture } from '../fixture/whole.ts'
import { hostile } from '../fixture/verdicts.ts'
import { partialRuns } from '../fixture/partial.ts'
import type { Run } from '../run.ts'
import markdown from './markdown.ts'

const render = async (run: Run): Promise<string> => String((await markdown.render(run))[0]!.content)

test('the report of the fixture is the golden one', async () => {
  await expect(await render(fixture())).toMatchFileSnapshot('golden.md')
})

test('nothing a server sent becomes markup outside a fence', async () => {
  const outside = (await render(fixture())).replace(/^(`{3,})text\n[^]*?\n\1$/gm, '')
  expect(outside).not.toContain('<')
  expect(outside).not.toContain(hostile)
})

test('containers have a section only beside native ones, and the facts say how they were reached', async () => {
  const alone = await render(fixture())
  for (const word of ['## Native against containers', 'Network:', 'Runtime:', 'Memory limit:', 'cgroup'])
    expect(alone).not.toContain(word)
  const run = isolated(['app-server', 'three-tier'], { versions: { nginx: '1.29.1-1' } })
  const both = await render({ ...run, runtimeBecause: 'Docker answered' })
  expect(both).toContain('\n## Native against containers\n')
  expect(both).toContain('| app-server | Dynamic: /time | 0.91×: 0.89 – 0.93× | 1.10×: 1.08 – 1.12× |')
  expect(both).toMatch(/^- Servers: native: private toolchain .*; docker: images of /m)
  expect(both).toContain('- Runtime: Docker answered\n')
  expect(both).toMatch(/^- Network: native: .*loopback.*; docker: .*published ports.* a container in that network$/m)
  expect(both).toContain('- Memory limit: 512\u00a0MiB per container\n')
  expect(both).toContain('Over loopback (native) or a private network of containers (docker), all tiers')
  expect(both).toContain('| Dynamic: /time (docker) | **app-server (docker)** |')
})

test.each(Object.entries(partialRuns()))('a run with %s is reported', async (_, run) => {
  const report = await render(run)
  expect(report).toContain('## Which topology for what')
  expect(report).not.toMatch(/undefined|NaN|Infinity|\[object/)
})
