import type { Workload } from './index.ts'

export default {
  name: 'slow-clients',
  title: 'Slow clients: the time, among 32 of them',
  says: 'Asks for the time while 16 connections say nothing and 16 send a byte at a time: whether the slow keep others waiting.',
  content: 'slow-clients',
  application: 'pages',
  path: '/time',
  // Fewer than threads of the Python server: what they wait for is the slow ones, not each other.
  loop: { kind: 'closed', connections: 4 },
  slowClients: { idle: 16, trickling: 16 },
  expects: { status: 200, bytes: 21 },
} satisfies Workload
