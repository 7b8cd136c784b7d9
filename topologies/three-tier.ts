import gunicorn from './servers/gunicorn.ts'
import nginx from './servers/nginx.ts'
import varnish from './servers/varnish.ts'
import { tier, type Topology } from './index.ts'

export default {
  name: 'three-tier',
  title: 'Cache, web server, application server',
  says: 'Varnish answers what it has stored; nginx serves static files behind it and passes the rest to the Python server.',
  tiers: [tier(varnish), tier(nginx, 'http11'), tier(gunicorn, 'gthread')],
} satisfies Topology
