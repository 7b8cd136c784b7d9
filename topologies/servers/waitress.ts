import type { AppServer } from './index.ts'

export default {
  name: 'waitress',
  title: 'waitress',
  role: 'app',
  packages: ['python3-waitress'],
  versionOf: 'python3-waitress',
  program: '/usr/bin/waitress-serve',
  variants: { threads: 'One process with a thread pool; requests and responses are buffered.' },
  mounts: true,
  configure: (site) => ({
    argv: [
      `${site.root}/usr/bin/python3`,
      ...['-m', 'waitress'],
      `--listen=${site.address.host}:${site.address.port}`,
      // It has no processes: the same number of requests at once as the forking servers handle.
      `--threads=${site.workers * site.threads}`,
      // Longer than the proxies in front keep an idle connection (60 s), as for Gunicorn.
      '--channel-timeout=120',
      ...(site.application.mount ? [`--url-prefix=${site.application.mount}`] : []),
      ...(site.trusted.length > 0
        ? [
            `--trusted-proxy=${site.trusted[0]}`,
            '--trusted-proxy-headers=x-forwarded-for x-forwarded-proto',
            '--clear-untrusted-proxy-headers',
          ]
        : []),
      `${site.application.module}:${site.application.callable}`,
    ],
    files: {},
    env: site.application.variables,
    // SIGINT lets running requests finish; SIGTERM would cut them.
    stop: 'SIGINT',
    processes: 1,
  }),
} satisfies AppServer
