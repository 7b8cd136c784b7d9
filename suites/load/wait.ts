import type { Workload } from './index.ts'

export default {
  name: 'wait',
  title: 'Waiting: 20 ms for a database',
  says: 'Asks for what sleeps 20 ms, as if for a database: how many requests the application’s server has in hand at once.',
  content: 'waiting',
  application: 'pages',
  path: '/wait',
  loop: { kind: 'closed', connections: 16 },
  expects: { status: 200, bytes: 7 },
} satisfies Workload
