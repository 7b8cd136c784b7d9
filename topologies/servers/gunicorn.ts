import type { AppServer } from './index.ts'

/** Longer than the 60 s for which nginx, Apache and Varnish keep an idle upstream connection, so that it is
 *  always the proxy that closes: the other way round a request can meet a closing connection (a 502 at random). */
const KEEP_ALIVE_SECONDS = '65'

export default {
  name: 'gunicorn',
  title: 'Gunicorn',
  role: 'app',
  packages: ['gunicorn', 'python3-gevent'],
  versionOf: 'gunicorn',
  program: '/usr/bin/gunicorn',
  variants: {
    sync: 'One request per process, a connection per request (the distribution’s default).',
    gthread: 'A thread pool in each process, with keep-alive.',
    gevent: 'Greenlets on one event loop in each process, with keep-alive.',
  },
  lines: [
    { text: '--no-sendfile', says: 'Does not hand files to the kernel.', about: ['file-wrapper.position'] },
    { text: '--limit-request-line 0', says: 'Lets a request line be of any length.', about: ['uri.too-long-414'] },
    {
      text: '--strip-header-spaces',
      says: 'Accepts whitespace between a field’s name and its colon.',
      about: [],
    },
  ],
  mounts: true,
  configure: (site, variant) => ({
    argv: [
      `${site.root}/usr/bin/python3`,
      ...['-m', 'gunicorn'],
      ...['--bind', `${site.address.host}:${site.address.port}`],
      ...['--chdir', site.application.directory],
      ...['--worker-class', variant],
      ...['--workers', String(site.workers)],
      ...(variant === 'gthread' ? ['--threads', String(site.threads)] : []),
      // Greenlets are not threads of the system, but run the application at the same time all the same.
      ...(variant === 'gevent' && site.threads === 1 ? ['--worker-connections', '1'] : []),
      ...(variant === 'sync' ? [] : ['--keep-alive', KEEP_ALIVE_SECONDS]),
      // The heartbeat file must not wait for a disk, or a busy disk looks like a hung worker.
      ...['--worker-tmp-dir', '/dev/shm'],
      // Forwarded headers count only when they come from the tier in front; by default all of loopback is believed.
      ...['--forwarded-allow-ips', site.trusted.join(',')],
      // For the deployer's values it knows no other way.
      ...Object.entries(site.application.variables).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      ...['--graceful-timeout', '5'],
      ...['--error-logfile', '-'],
      ...site.lines.flatMap((line) => line.split(' ')),
      `${site.application.module}:${site.application.callable}`,
    ],
    files: {},
    ...(site.application.mount ? { env: { SCRIPT_NAME: site.application.mount } } : {}),
    stop: 'SIGTERM',
    processes: 1 + site.workers,
  }),
} satisfies AppServer
