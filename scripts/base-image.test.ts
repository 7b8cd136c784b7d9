import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { DEFAULT_BASE as NAME } from '../topologies/runtimes/base.ts'
import { ROOT } from './catalogue.ts'
import { testedEngine } from './tested-engine.ts'

function baseImage(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const how = { cwd: ROOT, encoding: 'utf8', env: { ...process.env, ...env } } as const
  return spawnSync(process.execPath, ['scripts/boot.mjs', 'scripts/base-image.ts', ...words], how)
}

describe('refuses with 2, and says what to give,', () => {
  test.each([
    ['another distribution', ['alpine:3']],
    ['an image that is not slim', ['debian:trixie']],
    ['a version for a codename', ['ubuntu:24.04']],
    ['a registry', ['example.org/debian:trixie-slim']],
    ['an option for debootstrap', ['debian:--help-slim']],
    ['two names', [NAME, 'ubuntu:noble']],
  ])('%s', (_, words) => {
    const { status, stdout, stderr } = baseImage(words)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toBe(`"${words.join(' ')}" is no base image.\nGive a name such as ${NAME} or ubuntu:noble.\n`)
  })
})

test('without an engine ends with 3 and says what to do', () => {
  const { status, stderr } = baseImage([], { DOCKER_HOST: 'tcp://127.0.0.1:9' })
  expect(stderr).toMatch(/^No Docker Engine answers.*\nInstall one \(apt-get install docker\.io\) and start it,.*\n$/)
  expect(status).toBe(3)
})

const { why } = await testedEngine(NAME)
test.skipIf(why)(`an image that is there is left as it is${why ? ` (skipped: ${why})` : ''}`, () => {
  for (const words of [[], [NAME]]) {
    const { status, stderr } = baseImage(words)
    expect({ status, stderr }).toEqual({ status: 0, stderr: `base-image: ${NAME} is there already\n` })
  }
})
