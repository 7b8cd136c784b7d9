import { randomUUID } from 'node:crypto'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cacheDirectory } from '../../topologies/runtimes/cache-directory.ts'
import type { Runtime } from '../../topologies/runtimes/index.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { scratch, type Scratch } from '../../topologies/runtimes/scratch.ts'
import { topologies } from '../catalogue.ts'
import { sampleRepository, type SampleRepository } from '../gating/sample-repository.ts'
import { nativeRuntime } from '../runtime.ts'
import { chosenApplication } from './chosen.ts'
import { packagesOf } from './packages.ts'
import { readyOn } from './ready.ts'

let room: Scratch
let project: SampleRepository
let runtime: Runtime
const made: string[] = []
beforeAll(async () => {
  runtime = await nativeRuntime(await topologies())
  room = scratch()
  project = sampleRepository()
}, 400_000)
afterAll(async () => {
  await runtime[Symbol.asyncDispose]()
  room[Symbol.dispose]()
  for (const folder of [dirname(project.folder), ...made]) rmSync(folder, { recursive: true })
})

/** A file of packages that nobody has installed before. */
function requirements(text: string): string {
  const file = join(project.folder, `${randomUUID()}.txt`)
  writeFileSync(file, `# ${randomUUID()}\n${text}\n`)
  return file
}
const said: string[] = []
const say = (line: string) => void said.push(line)
const application = (file: string) =>
  chosenApplication(
    {
      ...{ app: `${join(project.folder, 'app.py')}:application`, requirements: file },
      ...{ static: [], path: [], pythonPath: [], env: [] },
    },
    room,
    say,
  )
/** Why the machine cannot reach a Python package index; undefined when that is not it. */
const unreachable = (error: unknown): string | undefined =>
  error instanceof LabError
    ? /(?:Failed to establish|Temporary failure in name resolution|Max retries|timed out).*/.exec(error.message)?.[0]
    : undefined

test('what a file requires, and a file that it includes, is installed once and loaded with the application', async ({
  skip,
}) => {
  project.write(
    'app.py',
    `import itsdangerous, markupsafe
where = {module.__file__.split("/packages-")[1].split("/")[0] for module in (itsdangerous, markupsafe)}
assert len(where) == 1, where
def application(environ, start_response): pass
`,
  )
  project.write('more.txt', 'markupsafe==2.1.5\n')
  const chosen = application(requirements('itsdangerous==2.2.0\n-r more.txt'))
  const up = await readyOn(runtime, chosen, say).catch((error: unknown) => {
    const why = unreachable(error)
    if (why !== undefined) skip(`no Python package index can be reached: ${why}`)
    throw error
  })
  made.push(up.folders!.at(-1)!)
  expect(said).toContainEqual(expect.stringMatching(/^installing the packages of .*\.txt with pip$/))
  said.length = 0
  expect((await readyOn(runtime, chosen, say)).folders).toEqual(up.folders)
  expect(said).toEqual([])
  // Another version in the included file is another folder.
  project.write('more.txt', 'markupsafe==2.1.4\n')
  const other = await packagesOf(chosen.requirements!, runtime, say)
  made.push(other)
  expect(other).not.toBe(up.folders!.at(-1))
}, 120_000)

test('what pip cannot install is told in its own words, and leaves nothing that could be used', async () => {
  project.write('app.py', 'def application(environ, start_response): pass\n')
  const ended = readyOn(runtime, application(requirements('no-such-package-of-the-lab==9.9')), say)
  await expect(ended).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(
      /^pip cannot install the packages of .*\.txt:\n[^]*no-such-package-of-the-lab[^]*\n.*--python-path/,
    ),
  })
  expect(readdirSync(await cacheDirectory()).filter((name) => name.endsWith('.installing'))).toEqual([])
}, 120_000)

describe('what may change while the file stays as it is, is refused', () => {
  test.each(['-e .', '--editable=src', './vendor/shop', 'shop @ file:///srv/shop', 'vendor/shop-1.0-py3-none-any.whl'])(
    '%s',
    (line) => {
      expect(() => application(requirements(`flask\n${line}`))).toThrow(
        expect.objectContaining({
          exitCode: 2,
          message: expect.stringMatching(/names files of this machine: .*\n.*--python-path/),
        }),
      )
    },
  )

  test.each([
    'flask>=2 # for the shop',
    'shop @ https://files.example/shop-1.0-py3-none-any.whl',
    '--index-url https://pypi.example/simple',
  ])('but not %s', (line) => {
    expect(application(requirements(line)).requirements).toMatch(/\.txt$/)
  })
})
