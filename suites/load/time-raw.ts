import type { Workload } from './index.ts'

export default {
  name: 'time-raw',
  title: 'Framework: the time in raw WSGI',
  says: 'The current time by hand-written WSGI: what the other two are compared with.',
  content: 'framework',
  application: 'time_raw',
  path: '/',
  loop: { kind: 'closed', connections: 16 },
  expects: { status: 200 },
} satisfies Workload
