import { Command } from 'commander'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Run } from '../reports/run.ts'
import { problemsOf } from './action-grammar.ts'
import { ACTION, action, inputOf, startStep } from './action-step.ts'
import { ROOT } from './catalogue.ts'
import { gate } from './commands/gate.ts'
import { answering, sampleRepository, type SampleRepository } from './gating/sample-repository.ts'
import { processesLeft } from './started-lab.ts'

const text = (name: string): string => readFileSync(join(ACTION, name), 'utf8')

/** Others' actions with the inputs that the example gives them (their `action.yml`). */
const others = (names: readonly string[]) => ({
  inputs: Object.fromEntries(names.map((name) => [name, { description: name }])),
})
const USED = {
  'OWNER/gateway-lab/.github/actions/gate': action,
  'actions/checkout': others(['fetch-depth', 'persist-credentials']),
  'actions/cache': others(['path', 'key']),
  'actions/upload-artifact': others(['name', 'path']),
}

describe('what GitHub reads', () => {
  test('the action and the example are what GitHub’s own language service takes', async () => {
    expect(await problemsOf('action.yml', text('action.yml'))).toEqual([])
    expect(await problemsOf('.github/workflows/gate.yml', text('example.yml'), USED)).toEqual([])
  })

  test.each([
    ['action.yml', 'action.yml', '- id: gate', '- idd: gate', /Unexpected value 'idd'/],
    ['action.yml', 'action.yml', '      shell: bash\n', '', /Required property is missing: shell/],
    ['example.yml', '.github/workflows/gate.yml', 'timeout-minutes', 'timeout', /Unexpected value 'timeout'/],
    ['example.yml', '.github/workflows/gate.yml', 'app: app', 'application: app', /Invalid action input 'application'/],
    ['example.yml', '.github/workflows/gate.yml', 'outputs.report ', 'output.report ', /Context access .*output/],
  ])('a fault in %s is found (%s: %s → %s)', async (file, name, right, wrong, said) => {
    expect(text(file)).toContain(right)
    expect(await problemsOf(name, text(file).replace(right, wrong), USED)).toEqual([expect.stringMatching(said)])
  })

  test('the README shows the example', () => {
    const blocks = readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/^```yaml\n([^]*?)^```$/gm)
    expect([...blocks].map(([, block]) => block)).toContain(text('example.yml'))
  })

  test('every input reaches the script as a variable, and the option of its name', () => {
    const [{ run, env }] = action.runs.steps
    expect(Object.values(env).map(inputOf)).toEqual(Object.keys(action.inputs))
    expect(run).toBe('exec "$GITHUB_ACTION_PATH/run"')
    const used = [...text('run').matchAll(/^add --([\w-]+) "\$GATE_(\w+)"$/gm)]
    for (const [, name, variable] of used) expect(variable).toBe(name!.replaceAll('-', '_').toUpperCase())
    const options = used.map(([, name]) => name)
    expect([...options, 'args', 'inconclusive']).toEqual(Object.keys(action.inputs))
    const program = new Command()
    gate(program, new AbortController().signal)
    expect(program.commands[0]!.options.map((option) => option.name())).toEqual(expect.arrayContaining(options))
  })
})

describe('in a job', () => {
  let temporary: string
  let repository: SampleRepository
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), 'action-'))
    chmodSync(temporary, 0o755)
    repository = sampleRepository()
  })
  afterEach(() => {
    for (const folder of [temporary, dirname(repository.folder)]) rmSync(folder, { recursive: true, force: true })
  })

  const PULL_REQUEST = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_BASE_REF: 'main' }
  const SHORT = { app: 'app.py:application', rounds: '3', seconds: '0.4' }
  const step = (inputs: Readonly<Record<string, string>>, job: Readonly<Record<string, string>> = PULL_REQUEST) =>
    startStep(repository.folder, temporary, inputs, job)

  /** Commits the application, and returns the commit. */
  function commit(app: string): string {
    repository.write('app.py', app)
    repository.git('add', '.')
    repository.git('commit', '--quiet', '--allow-empty', '-m', 'app')
    return repository.git('rev-parse', 'HEAD')
  }

  /**
   * What `actions/checkout` leaves of a pull request: the merge of it and its base, on no branch; and a base branch that has
   * moved on meanwhile, to where nothing works. Returns the commit that the merge has of the base.
   */
  function checkedOut(app: string): string {
    commit(answering('200 OK'))
    repository.git('checkout', '--quiet', '-b', 'feature')
    commit(app)
    repository.git('checkout', '--quiet', 'main')
    const base = commit(answering('200 OK', '# moved on once\n').replace('hello', 'hallo'))
    repository.git('checkout', '--quiet', '--detach')
    repository.git('merge', '--quiet', '--strategy-option=theirs', '--no-edit', 'feature')
    const merge = repository.git('rev-parse', 'HEAD')
    repository.git('checkout', '--quiet', 'main')
    repository.git('update-ref', 'refs/remotes/origin/main', commit(answering('500 Broken')))
    repository.git('checkout', '--quiet', '--detach', merge)
    return base
  }

  const left = () => ({
    processes: processesLeft(temporary),
    folders: readdirSync(temporary).filter((name) => name.startsWith('gateway-lab-')),
    worktrees: repository.git('worktree', 'list').split('\n').length,
    changes: repository.git('status', '--porcelain'),
  })
  const NOTHING = { processes: [], folders: [], worktrees: 1, changes: '' }

  test(
    'a pull request that sleeps is a breach: told in the log, the summary and the output',
    { timeout: 60_000, retry: 1 },
    async () => {
      const base = checkedOut(
        answering('200 OK', 'import time\n').replace('    return', '    time.sleep(0.003)\n    return'),
      )
      const state = repository.state()
      const inputs = { ...SHORT, tolerance: 'cpu=off\n\n  memory=off', inconclusive: 'warn' }
      const { code, log, summary, outputs } = await step(inputs).ended
      expect(code, log).toBe(1)
      expect(outputs).toEqual({ verdict: 'breach', report: expect.stringContaining(join(temporary, 'runner')) })
      expect(log).toMatch(/^::error title=Median latency.*::/m)
      expect(summary).toMatch(/^## Gateway Lab\n\n\*\*Breach: /)
      const run = Run.parse(JSON.parse(readFileSync(join(outputs['report']!, 'run.json'), 'utf8')))
      expect(run.gate!.duet!.base.ref!.commit).toBe(base)
      expect(Object.keys(run.gate!.duet!.tolerances)).toEqual(['throughput', 'p50', 'p99'])
      expect(readdirSync(outputs['report']!)).toEqual(expect.arrayContaining(['report.html', 'junit.xml']))
      expect(left()).toEqual(NOTHING)
      expect(repository.state()).toEqual(state)
    },
  )

  test('verdicts alone: all as in the baseline passes, one that nobody can see is inconclusive, at most a warning', async () => {
    commit(answering('200 OK'))
    const clauses = '--clause=call.positional-args\n--clause=environ.documented'
    const judged = { baseline: 'baseline.json', args: clauses }
    const written = await step({ ...judged, args: `${clauses}\n--update` }, {}).ended
    expect(written.code, written.log).toBe(0)
    expect(await step(judged, {}).ended).toMatchObject({ code: 0, outputs: { verdict: 'pass' } })

    const baseline = Run.parse(JSON.parse(readFileSync(join(repository.folder, 'baseline.json'), 'utf8')))
    for (const verdict of baseline.results[0]!.verdicts) Object.assign(verdict, { outcome: 'pass' })
    repository.write('baseline.json', JSON.stringify(baseline))
    for (const [inputs, exit] of [
      [{}, 4],
      [{ inconclusive: 'warn' }, 0],
    ] as const) {
      const { code, log, summary, outputs } = await step({ ...judged, ...inputs }, {}).ended
      expect(outputs, log).toMatchObject({ verdict: 'inconclusive' })
      expect(code).toBe(exit)
      expect(summary).toMatch(/^\*\*Inconclusive: /m)
      expect(/^::warning .*::Inconclusive, which is not a pass/m.test(log)).toBe(exit === 0)
    }
  })

  describe('what cannot be carried out is an error, never a verdict', () => {
    const HOSTILE = '$(touch run);`touch run`"\'${{ github.token }};touch run.py:application'
    test.each<[string, Record<string, string>, number, RegExp, Record<string, string>?]>([
      ['another word for inconclusive', { inconclusive: 'ignore' }, 2, /^::error .*inconclusive must be fail or warn/m],
      ['no such file', { app: 'none.py:application' }, 2, /There is no file .*none\.py/],
      ['shell in an input', { app: HOSTILE }, 2, /There is no file .*\$\(touch run\)/],
      ['an option in an input', { base: '--update' }, 2, /There is no commit "--update"/],
      ['a base that does not work', { base: 'origin/main' }, 3, /The base: GET \/ is answered with 500/],
      ['help, which is no gate', { args: '--help' }, 3, /^::error .*did not come to its end/m],
      [
        'no base branch, as in a shallow clone',
        {},
        2,
        /There is no commit "origin\/other"/,
        { GITHUB_BASE_REF: 'other' },
      ],
    ])('%s', async (_, inputs, exit, said, job = {}) => {
      checkedOut(answering('200 OK'))
      const { code, log, outputs } = await step({ ...SHORT, ...inputs }, { ...PULL_REQUEST, ...job }).ended
      expect(log).toMatch(said)
      expect(log).toMatch(/^::error title=Gateway Lab::/m)
      expect(code).toBe(exit)
      expect(outputs).toEqual({ verdict: 'error' })
      expect(left()).toEqual(NOTHING)
    })

    test('no Node.js', async () => {
      const path = join(temporary, 'bin')
      mkdirSync(path)
      symlinkSync('/bin/bash', join(path, 'bash'))
      const { code, log } = await step(SHORT, { PATH: path }).ended
      expect(log).toMatch(/^::error .*There is no Node\.js/m)
      expect(code).toBe(3)
    })

    test('a base branch that is checked out itself, as on pull_request_target', async () => {
      checkedOut(answering('200 OK'))
      repository.git('checkout', '--quiet', '--detach', 'origin/main')
      const { code, log } = await step(SHORT).ended
      expect(log).toMatch(/^::error .*nothing of a pull request to gate/m)
      expect(code).toBe(2)
    })

    test('a job that is cancelled takes its servers down', async () => {
      checkedOut(answering('200 OK'))
      const { process: shell, ended, log } = step({ ...SHORT, seconds: '5' })
      await expect.poll(log, { timeout: 30_000, interval: 50 }).toContain('Measure both sides')
      // A runner interrupts the shell alone.
      shell.kill('SIGINT')
      expect(await ended).toMatchObject({ code: 130, outputs: { verdict: 'error' } })
      expect(left()).toEqual(NOTHING)
    })
  })

  test('outside of a pull request the base is the commit before', async () => {
    repository.git('commit', '--quiet', '--allow-empty', '-m', 'nothing yet')
    commit(answering('200 OK'))
    expect((await step(SHORT, {}).ended).log).toContain('There is no app.py in HEAD^')
  })
})
