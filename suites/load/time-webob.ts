import type { Workload } from './index.ts'

export default {
  name: 'time-webob',
  title: 'Framework: the time through WebOb',
  says: 'The same page through WebOb’s request and response objects: what that layer costs.',
  content: 'framework',
  application: 'time_webob',
  path: '/',
  loop: { kind: 'closed', connections: 16 },
  expects: { status: 200 },
} satisfies Workload
