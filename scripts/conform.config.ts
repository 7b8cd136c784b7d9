import { defineConfig } from 'vitest/config'

/** `npm run conform`: the clauses as vitest tests, with everything that vitest can do with tests. */
export default defineConfig({
  test: {
    include: ['scripts/conform.face.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 400_000,
    reporters: ['verbose'],
  },
})
