import modWsgi from './servers/mod-wsgi.ts'
import { tier, type Topology } from './index.ts'

export default {
  name: 'daemon-host',
  title: 'Web server hosting the application',
  says: 'Apache serves static files itself and hands the rest to Python processes of its own (mod_wsgi, WSGIDaemonProcess).',
  tiers: [tier(modWsgi)],
  fixed: ['app'],
} satisfies Topology
