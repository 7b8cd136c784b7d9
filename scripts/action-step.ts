import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from './catalogue.ts'

/** Where the action is. */
export const ACTION = join(ROOT, '.github', 'actions', 'gate')

/** The action's own description, as far as it says what a runner does. */
interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>
  readonly outputs: Readonly<Record<string, { readonly value: string }>>
  readonly runs: {
    readonly using: string
    readonly steps: readonly [
      { readonly shell: string; readonly run: string; readonly env: Readonly<Record<string, string>> },
    ]
  }
}
export const action = parse(readFileSync(join(ACTION, 'action.yml'), 'utf8')) as Action

/** How a step ended, and what it left to those after it. */
export interface EndedStep {
  readonly code: number
  readonly log: string
  readonly summary: string
  readonly outputs: Readonly<Record<string, string>>
}

/** A step under way. */
export interface Step {
  readonly process: ChildProcess
  readonly ended: Promise<EndedStep>
  log(): string
}

/**
 * Does what a runner does with the action's step: puts the inputs into its variables, and gives its text to bash as
 * `shell: bash` does, in the checkout. `temporary` is the job's folder; `job` are further variables of it.
 */
export function startStep(
  checkout: string,
  temporary: string,
  inputs: Readonly<Record<string, string>>,
  job: Readonly<Record<string, string>> = {},
): Step {
  const [{ run, env }] = action.runs.steps
  const given = (name: string): string => inputs[name] ?? action.inputs[name]?.default ?? ''
  const variables = Object.entries(env).map(([name, text]) => [name, given(inputOf(text))])
  const files = ['runner', 'summary', 'output', 'script', 'log'].map((name) => join(temporary, name))
  const [runner, summary, output, script, log] = files as [string, string, string, string, string]
  mkdirSync(runner, { recursive: true })
  for (const file of [summary, output, log]) writeFileSync(file, '')
  writeFileSync(script, run)
  // A runner reads one stream: what is written to either comes in the order in which it was.
  const stream = openSync(log, 'a')
  const process_ = spawn('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', script], {
    cwd: checkout,
    stdio: ['ignore', stream, stream],
    env: {
      ...environment(),
      ...Object.fromEntries(variables),
      ...{ CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_ACTION_PATH: ACTION, GITHUB_WORKSPACE: checkout },
      ...{ GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: output, RUNNER_TEMP: runner, TMPDIR: `${temporary}/` },
      ...job,
    },
  })
  closeSync(stream)
  const text = (): string => readFileSync(log, 'utf8')
  const end = async (): Promise<EndedStep> => {
    const [code] = (await once(process_, 'exit')) as [number | null]
    const outputs = readFileSync(output, 'utf8').split('\n').filter(Boolean).map(pair)
    return {
      code: code ?? -1,
      log: text(),
      summary: existsSync(summary) ? readFileSync(summary, 'utf8') : '',
      outputs: Object.fromEntries(outputs),
    }
  }
  return { process: process_, ended: end(), log: text }
}

/** The input that the text of a variable is: nothing else may stand in one. */
export function inputOf(text: string): string {
  const [, name] = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(text) ?? []
  if (name === undefined) throw new Error(`"${text}" is not an input.`)
  return name
}

/** What a job sees of this process's environment: nothing of npm's, which runs the tests. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|LAB_|GITHUB_)/.test(name)))

const pair = (line: string): [string, string] => {
  const [name = ''] = line.split('=', 1)
  return [name, line.slice(name.length + 1)]
}
