import { describe, expect, test } from 'vitest'
import { differingLines, masked } from './differing-lines.ts'
import type { Result } from './run.ts'

type Tier = Result['tiers'][number]

/** nginx as the lab configures it, at one start; what changes from start to start is what a test names. */
const nginx = (
  start: Partial<Record<'scratch' | 'root' | 'port' | 'upstream' | 'cpus' | 'lines', string>> = {},
): Tier => {
  const scratch = start.scratch ?? '/tmp/gateway-lab-a1B2c3/1-reverse-proxy/proxy'
  const root = start.root ?? '/var/cache/gateway-lab/toolchain-debian-12-amd64-0e2ad6d9f6cf'
  return {
    ...{ role: 'proxy', server: 'nginx', title: 'nginx', variant: 'http11', version: '1.22.1' },
    argv: [`${root}/usr/sbin/nginx`, '-p', scratch, '-c', `${scratch}/nginx.conf`],
    configuration: {
      'nginx.conf': `daemon off;
worker_processes ${start.cpus ?? '1'};
http {
  # A comment.
  include ${root}/etc/nginx/mime.types;
  upstream app {
    server 127.0.0.11:${start.upstream ?? '40123'};
  }
  server {
    listen 127.0.0.12:${start.port ?? '35501'};
    proxy_bind 127.0.0.12;
${start.lines ?? '    keepalive_timeout 60s;'}
  }
}
`,
    },
  }
}

/** A server that is configured by its command line alone. */
const app = (...argv: readonly string[]): Tier => ({
  ...{ role: 'app', server: 'gunicorn', title: 'Gunicorn', variant: 'sync', version: '20' },
  argv: [...argv],
  configuration: {},
})

describe('what differs from one start to the next is no difference', () => {
  test.each([
    ['folders of another lab', { scratch: '/var/tmp/gateway-lab-Zz9Yy8/12-reverse-proxy/proxy' }],
    ['another user’s toolchain', { root: '/home/me/.cache/gateway-lab/toolchain-ubuntu-24.04-arm64-ffffffffffff' }],
    ['the system’s own programs', { root: '' }],
    ['ports', { port: '51000', upstream: '9123' }],
    ['CPUs', { cpus: '4' }],
    ['comments and blank lines', { lines: '\n    # Why.\n    keepalive_timeout 60s;\n' }],
  ])('%s', (_, start) => expect(differingLines(nginx(), nginx(start))).toEqual([]))

  test('the application that was served last', () => {
    const [probe, pages] = ['probe', 'pages'].map((module) =>
      app('/usr/bin/python3', '-m', 'gunicorn', '--bind', '127.0.0.11:4000', `${module}:application`),
    )
    expect(differingLines(probe!, pages!)).toEqual([])
    const wsgiref = (port: string, module: string): Tier =>
      app(
        '/usr/bin/python3',
        '/tmp/gateway-lab-a1B2c3/1-app-server/app/serve.py',
        '127.0.0.11',
        port,
        module,
        'application',
      )
    expect(differingLines(wsgiref('4000', 'probe'), wsgiref('51234', 'pages'))).toEqual([])
  })

  test('Varnish’s backend and compiler', () => {
    const vcl = (port: number): string => `backend default {\n  .host = "127.0.0.12";\n  .port = "${port}";\n}\n`
    expect(masked(vcl(40000))).toBe(masked(vcl(50000)))
    const compile = (root: string, triplet: string): string =>
      `exec ${root}/usr/bin/${triplet}-gcc -B${root}/usr/bin/ -o %o`
    expect(masked(compile('/a/toolchain-debian-12-amd64-0123456789ab', 'x86_64-linux-gnu'))).toBe(
      masked(compile('/b/.cache/toolchain-debian-13-arm64-ba9876543210', 'aarch64-linux-gnu')),
    )
  })

  test('what was masked once is the same masked again, so that a baseline can hold it', () => {
    const text = nginx().configuration['nginx.conf']!
    expect(masked(text)).not.toBe(text)
    expect(masked(masked(text))).toBe(masked(text))
  })
})

describe('what a person changed is told line by line', () => {
  test.each([
    ['added', '    keepalive_timeout 60s;\n    proxy_buffering off;', ['+ proxy_buffering off;']],
    ['taken away', '', ['- keepalive_timeout 60s;']],
    ['exchanged', '    keepalive_timeout 5s;', ['- keepalive_timeout 60s;', '+ keepalive_timeout 5s;']],
    [
      'a block, with its closing brace',
      '    keepalive_timeout 60s;\n    location /x {\n      return 204;\n    }',
      ['+ location /x {', '+ return 204;', '+ }'],
    ],
    // Neither an address of the lab's tiers nor a port that the lab chose.
    [
      'another upstream of the user’s own',
      '    keepalive_timeout 60s;\n    proxy_pass http://127.0.0.1:9001;',
      ['+ proxy_pass http://127.0.0.1:9001;'],
    ],
  ])('%s', (_, lines, expected) => expect(differingLines(nginx(), nginx({ lines }))).toEqual(expected))

  test('a port of the user’s own differs from another one', () => {
    const [one, other] = ['9000', '9001'].map((port) => nginx({ lines: `proxy_pass http://127.0.0.1:${port};` }))
    expect(differingLines(one!, other!)).toEqual([
      '- proxy_pass http://127.0.0.1:9000;',
      '+ proxy_pass http://127.0.0.1:9001;',
    ])
  })

  test('a line that moved', () => {
    expect(differingLines(nginx({ lines: 'a;\nb;\nc;' }), nginx({ lines: 'b;\nc;\na;' }))).toEqual(['- a;', '+ a;'])
  })

  test('an option of the command line with its value', () => {
    const before = app('gunicorn', '--workers', '2', 'probe:application')
    expect(differingLines(before, app('gunicorn', '--workers', '4', '--no-sendfile', 'probe:application'))).toEqual([
      '- --workers 2',
      '+ --workers 4',
      '+ --no-sendfile',
    ])
  })

  test('of very many lines the first twenty, and how many more', () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line_${index};`).join('\n')
    const found = differingLines(nginx({ lines: '' }), nginx({ lines }))
    expect(found.length).toBe(21)
    expect(found.at(-1)).toBe('and 10 more that differ')
  })
})
