import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{apps,reports,scripts,suites,topologies}/**/*.test.ts'],
    // A service dies with the thread that started it (parent-death signal): workers must be processes.
    pool: 'forks',
    // Servers and loads of two tests at once would disturb each other's timing on a small machine.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'reports/runs/tests.json' }]] : ['default'],
  },
})
