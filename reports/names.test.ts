import { expect, test } from 'vitest'
import { fillings } from './fixture/fillings.ts'
import { fixture } from './fixture/whole.ts'
import { candidates, resultNames } from './names.ts'
import type { Result } from './run.ts'

const [alone, , proxied] = fixture().results as [Result, Result, Result, Result]
const names = (results: readonly Result[]): readonly string[] => [...resultNames({ results: [...results] }).values()]

/** A result with another variant in one of its tiers. */
const with_ = (result: Result, role: string, variant: string): Result => ({
  ...result,
  tiers: result.tiers.map((tier) => (tier.role === role ? { ...tier, variant } : tier)),
})

test('a topology that is there once is called by its name', () => {
  expect(names(fixture().results)).toEqual(['app-server', 'daemon-host', 'reverse-proxy', 'three-tier', 'cache-host'])
})

test('fillings of a topology are told apart by the tiers that differ, as --server takes them', () => {
  expect(names([alone, with_(alone, 'app', 'sync')])).toEqual([
    'app-server (gunicorn/gthread)',
    'app-server (gunicorn/sync)',
  ])
  expect(names([proxied, with_(proxied, 'proxy', 'http10'), alone])).toEqual([
    'reverse-proxy (nginx/http11)',
    'reverse-proxy (nginx/http10)',
    'app-server',
  ])
  expect(names([proxied, with_(with_(proxied, 'proxy', 'http10'), 'app', 'sync')])).toEqual([
    'reverse-proxy (nginx/http11, gunicorn/gthread)',
    'reverse-proxy (nginx/http10, gunicorn/sync)',
  ])
})

test('the runtime is named where it differs, and only there', () => {
  const contained = { ...alone, runtime: 'docker' }
  expect(names([alone, contained, proxied])).toEqual(['app-server (native)', 'app-server (docker)', 'reverse-proxy'])
  expect(names([alone, with_(contained, 'app', 'sync')])).toEqual([
    'app-server (gunicorn/gthread, native)',
    'app-server (gunicorn/sync, docker)',
  ])
})

test('names are unique whatever comes', () => {
  expect(names([alone, { ...alone }])).toEqual(['app-server #1', 'app-server #2'])
  const all = names(fillings().results)
  expect(new Set(all).size).toBe(all.length)
})

test('who chooses among fillings of one topology chooses a deployment, not a topology', () => {
  expect(candidates(fixture())[0]).toBe('topology')
  expect(candidates({ results: [alone, { ...alone, runtime: 'docker' }] })[0]).toBe('topology')
  expect(candidates(fillings())[0]).toBe('deployment')
})
