import type { Workload } from './index.ts'

export default {
  name: 'page',
  title: 'Cacheable: a page of 4 kB',
  says: 'Asks for a page that may be kept for a minute: shows what a cache saves, where there is one.',
  content: 'cacheable',
  application: 'pages',
  path: '/page',
  loop: { kind: 'closed', connections: 8 },
  expects: { status: 200, bytes: 4096 },
} satisfies Workload
