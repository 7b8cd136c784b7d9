import type { Workload } from './index.ts'

export default {
  name: 'stream',
  title: 'Streamed: 256 kB in blocks',
  says: 'Asks for 32 blocks of 8 kB, made one by one, of a length that nobody announces: what it takes to pass them on.',
  content: 'streamed',
  application: 'pages',
  path: '/stream',
  loop: { kind: 'closed', connections: 8 },
  expects: { status: 200, bytes: 262_144 },
} satisfies Workload
