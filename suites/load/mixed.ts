import type { Workload } from './index.ts'

/**
 * Shares: three in ten requests are for what is made on request, as in SPECweb99 (white paper, section 6). The rest is
 * pages and files; pages are most of it, because of files clients keep copies. Popular pages are few enough to be in a
 * cache by the end of a warm-up. A page that is not there costs the chain some ten times one that is: with one in ten of
 * them, hits and misses both tell.
 */
export default {
  name: 'mixed',
  title: 'Mixed: pages, the time, files',
  says: 'Half of the requests are for pages, a tenth of them new; three in ten for the time; two in ten for a file: what a whole site comes to.',
  content: 'mixed',
  application: 'pages',
  path: '/',
  loop: { kind: 'closed', connections: 16 },
  expects: { status: 200 },
  mix: [
    {
      share: 0.5,
      path: '/page/{page}',
      expects: { status: 200, bytes: 4096 },
      pages: { count: 200, exponent: 0.8, hitRatio: 0.9 },
    },
    { share: 0.3, path: '/time', expects: { status: 200, bytes: 21 } },
    { share: 0.2, path: '/static/16k.bin', expects: { status: 200, bytes: 16_384 } },
  ],
} satisfies Workload
