import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownBase } from '../../topologies/runtimes/base.ts'
import { sameFolders } from '../../topologies/runtimes/containers/shared-folders.ts'
import type { Runtime } from '../../topologies/runtimes/index.ts'
import { scratch, type Scratch } from '../../topologies/runtimes/scratch.ts'
import { sampleRepository, type SampleRepository } from '../gating/sample-repository.ts'
import { chosenTopologies } from '../options.ts'
import { runtimesFor } from '../runtime.ts'
import { testedEngine } from '../tested-engine.ts'
import { chosenApplication } from './chosen.ts'
import type { ApplicationWords } from './index.ts'
import { readyOn } from './ready.ts'

const base = ownBase()
const { why } = await testedEngine(base)
const all = await chosenTopologies([], [])

/** Says what it sees of the machine. */
const LOOKING = `import json, os
from shelf import books

def application(environ, start_response):
    project = os.path.dirname(os.path.abspath(__file__))
    seen = {"beside": sorted(os.listdir(os.path.dirname(project))), "books": books, "writes": os.access(__file__, os.W_OK)}
    body = json.dumps(seen).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
`

describe.skipIf(why)(`an application of one’s own in containers${why ? ` (skipped: ${why})` : ''}`, () => {
  let room: Scratch
  let project: SampleRepository
  let runtime: Runtime
  const at = (name: string): string => join(project.folder, name)
  beforeAll(async () => {
    const docker = { base }
    const prepared = await runtimesFor({ runtimes: ['docker'], toolchain: 'private', docker }, all, () => {})
    runtime = prepared.runtimes[0]!
    room = scratch()
    project = sampleRepository()
    project.write('../secret.txt', 'secret')
    project.write('../modules/shelf.py', 'books = 3\n')
    project.write('../public/shop.css', 'p { color: red }\n')
    project.write('app.py', LOOKING)
    project.write('missing.py', 'import no_such_module\n')
  }, 900_000)
  afterAll(async () => {
    await runtime?.[Symbol.asyncDispose]()
    room?.[Symbol.dispose]()
    if (project) rmSync(dirname(project.folder), { recursive: true })
  })
  const chosen = (more: Partial<ApplicationWords> = {}) =>
    chosenApplication(
      {
        ...{ app: `${at('app.py')}:application`, path: [], env: [] },
        ...{ pythonPath: [at('../modules')], static: [`${at('../public')}=/static`] },
        ...more,
      },
      room,
      () => {},
    )

  test.each(all)(
    '$name: it sees its own folders by their own paths, cannot write there, and sees nothing else',
    async (topology) => {
      const up = await readyOn(runtime, chosen(), () => {})
      await using deployment = await runtime.up(topology, { ...up, workers: 1, threads: 2 })
      const { url } = deployment.target.hops[0]
      expect(await (await fetch(url)).json()).toEqual({
        beside: ['modules', 'project', 'public'],
        books: 3,
        writes: false,
      })
      expect(await (await fetch(new URL('/static/shop.css', url))).text()).toBe('p { color: red }\n')
    },
    60_000,
  )

  test('what is wrong with it is told by the Python of the images, before any server is started', async () => {
    const missing = chosen({ app: `${at('missing.py')}:application` })
    await expect(readyOn(runtime, missing, () => {})).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/missing\.py cannot be imported:[^]*no_such_module[^]*--python-path/),
    })
  }, 60_000)

  test('a folder that would hide the container’s own files is refused', async () => {
    await expect(readyOn(runtime, chosen({ pythonPath: ['/usr/lib'] }), () => {})).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(
        /^\/usr\/lib would take the place of a container’s own files there\.\n.*--runtime native/,
      ),
    })
  }, 60_000)
})

test('where an engine cannot share a folder with containers, that is said', async () => {
  await expect(sameFolders({ folders: ['/home/shop/project'] }, async () => false)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(/cannot see the folder \/home\/shop\/project, .*\n.*--runtime native/),
  })
})
