/** Topologies with other servers in them, as `--server` takes them: every runtime is tested with all of these. */
export const FILLINGS = [
  ['app-server', 'app=gunicorn/sync'],
  ['app-server', 'app=gunicorn/gevent'],
  ['app-server', 'app=waitress'],
  ['app-server', 'app=uwsgi'],
  ['app-server', 'app=cheroot'],
  ['app-server', 'app=wsgiref'],
  ['reverse-proxy', 'proxy=nginx/http10'],
  ['reverse-proxy', 'proxy=apache'],
  ['reverse-proxy', 'app=uwsgi'],
  ['reverse-proxy', 'app=mod-wsgi'],
  ['three-tier', 'proxy=apache app=waitress'],
] as const
