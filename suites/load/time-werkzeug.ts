import type { Workload } from './index.ts'

export default {
  name: 'time-werkzeug',
  title: 'Framework: the time through Werkzeug',
  says: 'The same page through Werkzeug’s request, routing and response objects: what that layer costs.',
  content: 'framework',
  application: 'time_werkzeug',
  path: '/',
  loop: { kind: 'closed', connections: 16 },
  expects: { status: 200 },
} satisfies Workload
