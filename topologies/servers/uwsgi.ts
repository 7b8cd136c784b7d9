import type { AppServer } from './index.ts'

export default {
  name: 'uwsgi',
  title: 'uWSGI',
  role: 'app',
  packages: ['uwsgi-core', 'uwsgi-plugin-python3'],
  versionOf: 'uwsgi-core',
  program: '/usr/bin/uwsgi-core',
  variants: { 'http-socket': 'Workers speak HTTP/1.0 themselves, a connection per request.' },
  mounts: true,
  configure: (site) => ({
    argv: [
      `${site.root}/usr/bin/uwsgi-core`,
      ...(site.root ? ['--plugins-dir', `${site.root}/usr/lib/uwsgi/plugins`] : []),
      ...['--plugin', 'python3'],
      ...['--http-socket', `${site.address.host}:${site.address.port}`],
      '--master',
      ...['--processes', String(site.workers)],
      ...['--threads', String(site.threads)],
      // An application that cannot be imported is an error at start, not a 500 for every request.
      '--need-app',
      '--disable-logging',
      // The default of 4 kB for a whole request head drops requests with ordinary cookies, without an answer.
      ...['--buffer-size', '16384'],
      // It closes every connection after the answer without saying so, and a proxy would send its next request there.
      ...['--add-header', 'Connection: close'],
      // SIGTERM means "reload" by default; this makes it finish the running requests and end.
      ...['--hook-master-start', 'unix_signal:15 gracefully_kill_them_all'],
      ...(site.root ? ['--home', `${site.root}/usr`] : []),
      ...['--pythonpath', site.application.directory],
      ...(site.application.mount
        ? [
            '--mount',
            `${site.application.mount}=${site.application.module}:${site.application.callable}`,
            '--manage-script-name',
          ]
        : ['--module', `${site.application.module}:${site.application.callable}`]),
      ...Object.entries(site.application.variables).flatMap(([name, value]) => [
        '--route-run',
        `addvar:${name}=${value}`,
      ]),
    ],
    files: {},
    stop: 'SIGTERM',
    processes: 1 + site.workers,
  }),
} satisfies AppServer
