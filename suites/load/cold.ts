import type { Workload } from './index.ts'

export default {
  name: 'cold',
  title: 'Cold: pages that nobody asked for before',
  says: 'Asks each time for another page, which may be kept: what a cache costs those who come first (its counterpart is page).',
  content: 'cold',
  application: 'pages',
  path: '/',
  loop: { kind: 'closed', connections: 8 },
  expects: { status: 200, bytes: 4096 },
  mix: [
    {
      share: 1,
      path: '/page/{page}',
      expects: { status: 200, bytes: 4096 },
      pages: { count: 1, exponent: 0.8, hitRatio: 0 },
    },
  ],
} satisfies Workload
