import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A git repository made for a test, in a folder that the services' user can read. */
export interface SampleRepository {
  readonly folder: string
  /** Runs git in it, as its user does. */
  git(...words: readonly string[]): string
  /** Writes a file into its working tree. */
  write(name: string, text: string): string
  /** Everything of it that git or anybody could have changed, file by file. */
  state(): Readonly<Record<string, string>>
}

/** A new repository without commits, in a folder of its own. */
export function sampleRepository(): SampleRepository {
  const outer = realpathSync(mkdtempSync(join(tmpdir(), 'sample-')))
  const folder = join(outer, 'project')
  mkdirSync(folder)
  chmodSync(outer, 0o755)
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost']
  const git = (...words: readonly string[]): string =>
    execFileSync('git', ['-C', folder, ...who, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  git('init', '--quiet', '--initial-branch', 'main')
  return {
    folder,
    git,
    write: (name, text) => {
      const path = join(folder, name)
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
      writeFileSync(path, text, { mode: 0o644 })
      return path
    },
    state: () =>
      Object.fromEntries(
        readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ parentPath, name }) => join(parentPath, name))
          .map((path) => [path, readFileSync(path, 'latin1')]),
      ),
  }
}

/** A WSGI application that answers this status, with lines that come before it. */
export const answering = (status: string, before = ''): string => `${before}
def application(environ, start_response):
    start_response("${status}", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]
`
