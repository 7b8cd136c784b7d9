import { expect, test } from 'vitest'
import { fillings } from '../fixture/fillings.ts'
import { fixture } from '../fixture/whole.ts'
import type { Result, Run } from '../run.ts'
import { repeatCommand, reproduceCommand } from './commands.ts'

const run = fixture()
const cached = run.results[3]!
const clause = 'rfc9112-framing/chunked.extension'
const command = (changes: Partial<Run>, result: Partial<Result> = {}): string =>
  reproduceCommand({ ...run, arguments: [], ...changes }, [{ ...cached, ...result }], clause)

test('a clause is judged again at every hop of the same chain, with every server named', () => {
  expect(command({})).toBe(
    'npm run lab -- --topology three-tier --server cache=varnish/default,proxy=nginx/http11,app=gunicorn/gthread --runtime native --clause rfc9112-framing/chunked.extension --no-load',
  )
})

test('servers that break it alike are brought up by one command', () => {
  const { results } = fillings()
  expect(reproduceCommand(run, [results[0]!, results[3]!, results[7]!], clause)).toBe(
    'npm run lab -- --topology app-server,daemon-host --server app=gunicorn/sync,app=waitress/threads,app=mod-wsgi/daemon --runtime native --clause rfc9112-framing/chunked.extension --no-load',
  )
})

test('the size is named where it is not the default one', () => {
  expect(command({ workersPerServer: 1 })).toContain(' --workers 1 --clause ')
  expect(command({ threadsPerWorker: 8 })).toContain(' --threads 8 --clause ')
})

test('where the servers came from is asked for as it was, on the runtime that knows it', () => {
  const words = ['--base', 'debian:bookworm-slim', '--network=bridge', '--toolchain', 'system', '--no-load']
  expect(command({ arguments: words }, { runtime: 'docker' })).toContain(
    ' --runtime docker --base debian:bookworm-slim --network=bridge --clause ',
  )
  expect(command({ arguments: words })).toContain(' --runtime native --toolchain system --clause ')
})

test('a word that a shell would read as something else is quoted', () => {
  expect(reproduceCommand(run, [cached], "x; rm -rf '$HOME'")).toContain(
    ` --clause 'x; rm -rf '\\''$HOME'\\''' --no-load`,
  )
  expect(repeatCommand({ ...run, arguments: ['--base', 'a b'] })).toBe("npm run lab -- --base 'a b'")
})

test('a run is repeated without the folder of whoever made it', () => {
  for (const out of [['--out', '/home/somebody/run'], ['--out=/home/somebody/run']])
    expect(repeatCommand({ ...run, arguments: ['--server', 'all', ...out, '--no-load'] })).toBe(
      'npm run lab -- --server all --no-load',
    )
})
