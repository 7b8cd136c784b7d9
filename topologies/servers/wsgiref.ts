import type { AppServer } from './index.ts'

/** The standard library has the server but no command for it. */
const SERVE = `import importlib, signal, sys, threading
from wsgiref.simple_server import WSGIServer, make_server

host, port, module, callable = sys.argv[1:]


class Backlog(WSGIServer):
    # socketserver lets only 5 connections wait: under load the kernel would drop the others for a second or more.
    request_queue_size = 128


server = make_server(host, int(port), getattr(importlib.import_module(module), callable), server_class=Backlog)
# shutdown() waits for the serving thread, so it cannot be called from it: a signal handler runs there.
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever(poll_interval=0.05)
`

export default {
  name: 'wsgiref',
  title: 'wsgiref',
  role: 'app',
  packages: ['python3'],
  versionOf: 'python3',
  program: '/usr/bin/python3',
  variants: {
    single: 'One thread, one connection per request: the reference of the standard library, not for production.',
  },
  mounts: false,
  configure: (site) => ({
    argv: [
      `${site.root}/usr/bin/python3`,
      `${site.directory}/serve.py`,
      site.address.host,
      String(site.address.port),
      site.application.module,
      site.application.callable,
    ],
    files: { 'serve.py': SERVE },
    // It copies the variables of its own environment.
    env: site.application.variables,
    stop: 'SIGTERM',
    processes: 1,
  }),
} satisfies AppServer
