import type { Workload } from './index.ts'

export default {
  name: 'static',
  title: 'Static: a file of 16 kB',
  says: 'Asks for a file: the web server serves it where there is one, else the application has to.',
  content: 'static',
  application: 'pages',
  path: '/static/16k.bin',
  loop: { kind: 'closed', connections: 8 },
  expects: { status: 200, bytes: 16_384 },
} satisfies Workload
