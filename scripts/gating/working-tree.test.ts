import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { sampleRepository, type SampleRepository } from './sample-repository.ts'
import { workingTree } from './working-tree.ts'

let room: string
let repository: SampleRepository
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'room-'))
  repository = sampleRepository()
  repository.write('app.py', 'one')
  repository.write('shop/page.py', 'page')
  repository.git('add', '.')
  repository.git('commit', '--quiet', '-m', 'one')
  repository.git('tag', 'v1')
  repository.write('app.py', 'two')
  repository.git('commit', '--quiet', '--all', '-m', 'two')
})
afterEach(() => {
  vi.unstubAllEnvs()
  for (const folder of [room, dirname(repository.folder)]) rmSync(folder, { recursive: true, force: true })
})

const treeOf = (ref: string) => workingTree(ref, join(repository.folder, 'app.py'), room)

test('the files of a tag, a branch, a commit and an ancestor are written as they were then', async () => {
  const { folder, ref } = await treeOf('v1')
  expect(ref).toEqual({ name: 'v1', commit: repository.git('rev-parse', 'v1') })
  expect(readFileSync(join(folder, 'app.py'), 'utf8')).toBe('one')
  expect(readFileSync(join(folder, 'shop/page.py'), 'utf8')).toBe('page')
  for (const same of ['main~1', repository.git('rev-parse', 'v1'), repository.git('rev-parse', '--short', 'v1')]) {
    rmSync(folder, { recursive: true })
    expect((await treeOf(same)).ref).toEqual({ name: same, commit: ref.commit })
  }
})

test('nothing of the repository is changed: no file of it, no worktree, no hook is run, whatever its settings', async () => {
  repository.git('config', 'core.splitIndex', 'true')
  repository.git('config', 'core.sharedRepository', 'all')
  for (const hook of ['post-checkout', 'post-index-change'])
    chmodSync(repository.write(`.git/hooks/${hook}`, `#!/bin/sh\ntouch ${repository.folder}/hook-was-run\n`), 0o755)
  repository.write('app.py', 'not committed')
  repository.write('new.py', 'not added')
  const before = repository.state()
  await treeOf('v1')
  expect(repository.state()).toEqual(before)
  expect(repository.git('worktree', 'list').split('\n')).toHaveLength(1)
})

test('everybody can read the files, whatever the umask, and links are left alone', async () => {
  const secret = join(dirname(repository.folder), 'secret')
  symlinkSync(secret, join(repository.folder, 'link'))
  chmodSync(repository.write('run.sh', '#!/bin/sh'), 0o755)
  repository.git('add', '.')
  repository.git('commit', '--quiet', '-m', 'link')
  repository.write('../secret', 'secret')
  chmodSync(secret, 0o600)
  const before = process.umask(0o077)
  try {
    const { folder } = await treeOf('main')
    const modes = ['', 'shop', 'app.py', 'shop/page.py', 'run.sh'].map(
      (name) => statSync(join(folder, name)).mode & 0o777,
    )
    expect(modes.map((mode) => mode.toString(8))).toEqual(['755', '755', '644', '644', '755'])
    expect(statSync(secret).mode & 0o777).toBe(0o600)
  } finally {
    process.umask(before)
  }
})

test('within a hook of git’s the repository is still the application’s', async () => {
  const other = sampleRepository()
  vi.stubEnv('GIT_DIR', join(other.folder, '.git'))
  vi.stubEnv('GIT_INDEX_FILE', join(other.folder, '.git', 'index'))
  expect((await treeOf('v1')).toplevel).toBe(repository.folder)
  expect(existsSync(join(other.folder, '.git', 'index'))).toBe(false)
  rmSync(dirname(other.folder), { recursive: true })
})

test('a path of the user’s is found in the tree, also through a link to the project; one outside is not', async () => {
  const link = join(dirname(repository.folder), 'link')
  symlinkSync(repository.folder, link)
  const { folder, at, isOfHead } = await treeOf('v1')
  expect(at(join(repository.folder, 'shop'))).toBe(join(folder, 'shop'))
  expect(at(join(link, 'gone/also/gone.py'))).toBe(join(folder, 'gone/also/gone.py'))
  expect(at(repository.folder)).toBe(folder)
  expect(at(dirname(repository.folder))).toBeUndefined()
  expect(at('/')).toBeUndefined()
  expect(isOfHead(join(repository.folder, 'shop/page.py'))).toBe(true)
  expect(isOfHead(join(folder, 'shop/page.py'))).toBe(false)
})

describe('what cannot be had is a usage error in one sentence', () => {
  test.each(['nope', '', '-x', '--all', 'v1:app.py'])('the ref "%s"', async (ref) => {
    await expect(treeOf(ref)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^There is no commit ".*" in .*project\.\nName a branch/),
    })
  })

  test('a ref that a shallow clone lacks', async () => {
    const clone = join(dirname(repository.folder), 'clone')
    repository.git('clone', '--quiet', '--depth', '1', `file://${repository.folder}`, clone)
    await expect(workingTree('v1', join(clone, 'app.py'), room)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/no commit "v1"[^]*shallow[^]*fetch-depth: 0/),
    })
  })

  test('a file outside of every repository', async () => {
    await expect(workingTree('v1', join(room, 'app.py'), room)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/is not in a git repository\.\nName the base with --base-app/),
    })
  })

  test('a machine without git', async () => {
    symlinkSync('/bin/sh', join(room, 'sh'))
    vi.stubEnv('PATH', room)
    await expect(treeOf('v1')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/git is not installed/),
    })
  })
})
