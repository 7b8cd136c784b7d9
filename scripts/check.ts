import { $, chalk } from 'zx'
import { ROOT } from './catalogue.ts'

/** Everything that must hold beside the tests, in the order of what is quickest to mend. */
const CHECKS = {
  types: ['tsc', '-p', '.'],
  'lint and import rules': ['oxlint', '--deny-warnings'],
  format: ['oxfmt', '--check', '.'],
  'unused code': ['knip'],
} as const

const run = $({ cwd: ROOT, nothrow: true, quiet: true, preferLocal: true, env: { ...process.env, FORCE_COLOR: '0' } })
let failed = false
for (const [name, command] of Object.entries(CHECKS)) {
  const result = await run`${command}`
  failed ||= result.exitCode !== 0
  console.log(`${result.exitCode === 0 ? chalk.green('ok  ') : chalk.red('FAIL')} ${name}`)
  if (result.exitCode !== 0) console.log(result.stdall.trim())
}
process.exit(failed ? 1 : 0)
