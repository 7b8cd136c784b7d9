import gunicorn from './servers/gunicorn.ts'
import nginx from './servers/nginx.ts'
import { tier, type Topology } from './index.ts'

export default {
  name: 'reverse-proxy',
  title: 'Web server in front of the application server',
  says: 'nginx serves static files itself and passes every other request to the Python server.',
  tiers: [tier(nginx, 'http11'), tier(gunicorn, 'gthread')],
} satisfies Topology
