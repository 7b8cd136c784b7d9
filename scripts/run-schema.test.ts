import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { fixture } from '../reports/fixture/whole.ts'
import { partialRuns } from '../reports/fixture/partial.ts'
import { runJsonSchema, runSchemaFile } from './run-schema.ts'

const published = readFileSync(runSchemaFile, 'utf8')

test('the published schema is that of the code (node scripts/run-schema.ts writes it)', () => {
  expect(published).toBe(runJsonSchema())
})

test('runs keep to the published schema, whole and in part', () => {
  const validate = new Ajv2020({ strict: true, formats: { 'date-time': /^\d{4}-\d\d-\d\dT/ } }).compile(
    JSON.parse(published),
  )
  for (const run of [fixture(), ...Object.values(partialRuns())]) {
    validate(run)
    expect(validate.errors).toBeNull()
  }
})

test('what is not a run is refused by the published schema', () => {
  const validate = new Ajv2020({ formats: { 'date-time': true } }).compile(JSON.parse(published))
  expect(validate({ ...fixture(), surplus: 1 })).toBe(false)
  expect(validate({ ...fixture(), schema: 'lab.run/2' })).toBe(false)
})
