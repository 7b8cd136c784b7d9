import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { Run } from '../reports/run.ts'

/** Where the JSON Schema of `run.json` is published. */
export const runSchemaFile = new URL('../reports/run.schema.json', import.meta.url)

/** The JSON Schema (2020-12) of a run, as text; `node scripts/run-schema.ts` writes it. */
export function runJsonSchema(): string {
  const { $schema, ...rest } = z.toJSONSchema(Run)
  return `${JSON.stringify({ $schema, title: 'Gateway Lab run', ...rest }, null, 2)}\n`
}

if (import.meta.main) {
  const before = readFileSync(runSchemaFile, { encoding: 'utf8', flag: 'a+' })
  if (before !== runJsonSchema()) writeFileSync(runSchemaFile, runJsonSchema())
}
