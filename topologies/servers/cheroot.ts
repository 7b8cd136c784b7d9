import type { AppServer } from './index.ts'

export default {
  name: 'cheroot',
  title: 'cheroot',
  role: 'app',
  packages: ['python3-cheroot'],
  versionOf: 'python3-cheroot',
  program: '/usr/lib/python3/dist-packages/cheroot/__main__.py',
  variants: { threads: 'One process with a thread pool and keep-alive.' },
  configure: (site) => ({
    argv: [
      `${site.root}/usr/bin/python3`,
      ...['-m', 'cheroot'],
      ...['--bind', `${site.address.host}:${site.address.port}`],
      ...['--threads', String(site.workers * site.threads)],
      // Longer than the proxies in front keep an idle connection (60 s), as for Gunicorn.
      ...['--timeout', '65'],
      `${site.application.module}:${site.application.callable}`,
    ],
    files: {},
    // SIGINT lets running requests finish; SIGTERM would cut them.
    stop: 'SIGINT',
    processes: 1,
  }),
} satisfies AppServer
