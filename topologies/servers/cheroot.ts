import type { AppServer } from './index.ts'

/** Its command has no option for it, its library a dispatcher. */
const mounted = (module: string, callable: string, path: string): string => `from cheroot.wsgi import PathInfoDispatcher

from ${module} import ${callable}

application = PathInfoDispatcher({'${path}': ${callable}})
`

export default {
  name: 'cheroot',
  title: 'cheroot',
  role: 'app',
  packages: ['python3-cheroot'],
  versionOf: 'python3-cheroot',
  program: '/usr/lib/python3/dist-packages/cheroot/__main__.py',
  variants: { threads: 'One process with a thread pool and keep-alive.' },
  mounts: true,
  configure: (site) => {
    const { directory, module, callable, mount, variables } = site.application
    return {
      argv: [
        `${site.root}/usr/bin/python3`,
        ...['-m', 'cheroot'],
        ...['--bind', `${site.address.host}:${site.address.port}`],
        ...['--threads', String(site.workers * site.threads)],
        // Longer than the proxies in front keep an idle connection (60 s), as for Gunicorn.
        ...['--timeout', '65'],
        mount ? 'mounted:application' : `${module}:${callable}`,
      ],
      files: mount ? { 'mounted.py': mounted(module, callable, mount) } : {},
      env: { ...variables, ...(mount ? { PYTHONPATH: `${site.directory}:${directory}` } : {}) },
      // SIGINT lets running requests finish; SIGTERM would cut them.
      stop: 'SIGINT',
      processes: 1,
    }
  },
} satisfies AppServer
