import { expect, test } from 'vitest'
import { fixture } from '../reports/fixture/whole.ts'
import type { Measurement, Reason, Run, StudyRow } from '../reports/run.ts'
import { EXIT } from '../topologies/runtimes/lab-error.ts'
import { inconclusive } from './inconclusive.ts'

const whole = fixture()
const [good] = whole.results.flatMap(({ measurements }) => measurements).filter(({ validity }) => validity.valid)
const notValid = (reason: Reason): Measurement => ({
  ...good!,
  validity: { valid: false, reasons: [reason], because: [`It was ${reason}.`] },
})
const measuring = (...measurements: Measurement[]): Run => ({
  ...whole,
  results: [{ ...whole.results[0]!, measurements }],
})
const studying = (part: StudyRow['part'], ...measurements: Measurement[]): Run => {
  const size = { workers: 1, threads: 1, preloaded: false, application: 'pages', workload: 'time' }
  const row = { part, servers: ['gunicorn/sync'], ...size, measurements }
  return { ...whole, results: [], study: { name: 'interpreter', interpreterPssBytes: null, rows: [row] } }
}

test('one valid measurement, or a lower bound, is an answer', () => {
  expect(inconclusive(measuring(notValid('errors'), good!))).toBeUndefined()
  expect(inconclusive(measuring(notValid('errors'), notValid('generator-bound')))).toBeUndefined()
})

test('when no measurement says anything, the workload and the most frequent reason are named', () => {
  const found = inconclusive(measuring(notValid('errors'), notValid('disturbed'), notValid('disturbed')))
  expect(found?.message).toContain(`the workload ${good!.workload}: It was disturbed.`)
  expect(found?.exitCode).toBe(EXIT.inconclusive)
})

test('a run that only judged had no such question', () => {
  expect(inconclusive(measuring())).toBeUndefined()
})

test('each part of a study is a question of its own, and memory can be read whoever used the CPUs', () => {
  expect(inconclusive(studying('scaling', notValid('disturbed')))?.message).toContain('the part scaling')
  expect(inconclusive(studying('memory', notValid('disturbed')))).toBeUndefined()
  expect(inconclusive(studying('memory', notValid('unanswered')))?.message).toContain('the part memory')
})
