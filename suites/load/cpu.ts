import type { Workload } from './index.ts'

export default {
  name: 'cpu',
  title: 'Computing: 2 ms of Python',
  says: 'Asks for 25,000 rounds of a loop in Python: what is left of the servers’ differences when the interpreter is the limit.',
  content: 'computing',
  application: 'pages',
  path: '/cpu',
  loop: { kind: 'closed', connections: 16 },
  expects: { status: 200, bytes: 9 },
} satisfies Workload
