import type { Workload } from './index.ts'

export default {
  name: 'time',
  title: 'Dynamic: the current time',
  says: 'Asks for the time, which no cache may keep: every request reaches the application, through the whole chain.',
  content: 'dynamic',
  application: 'pages',
  path: '/time',
  loop: { kind: 'closed', connections: 16 },
  expects: { status: 200, bytes: 21 },
} satisfies Workload
