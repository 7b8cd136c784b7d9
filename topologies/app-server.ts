import gunicorn from './servers/gunicorn.ts'
import { tier, type Topology } from './index.ts'

export default {
  name: 'app-server',
  title: 'Application server alone',
  says: 'Clients talk HTTP to the Python server, which calls the application and serves its static files too.',
  tiers: [tier(gunicorn, 'gthread')],
  excludes: { 'mod-wsgi': 'daemon-host' },
} satisfies Topology
