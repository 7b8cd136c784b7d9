import type { Workload } from './index.ts'

export default {
  name: 'upload',
  title: 'Uploaded: a body of 64 kB',
  says: 'Sends 64 kB, which the application reads: what it takes to pass a request’s body on, or to keep it first.',
  content: 'uploaded',
  application: 'pages',
  path: '/upload',
  uploadBytes: 65_536,
  loop: { kind: 'closed', connections: 8 },
  expects: { status: 200, bytes: 8 },
} satisfies Workload
