import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Run, type Measurement } from '../reports/run.ts'
import { inconclusive } from './inconclusive.ts'
import { endedLab } from './started-lab.ts'

let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'lab-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** `npm run lab -- WORDS`, typed in the temporary folder. */
const lab = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  endedLab(words, { INIT_CWD: folder, LAB_RUNTIME: 'native', ...env })

describe('bad input gets one clear sentence, what to do, and exit code 2', () => {
  test.each([
    [
      '--topology two-tier',
      /no topology "two-tier"[^]*Choose from: app-server, daemon-host, reverse-proxy, three-tier/,
    ],
    ['--suite pep9999', /no suite "pep9999"[^]*pep3333-environ/],
    ['--workload spike', /no workload "spike"[^]*page, .*static, .*time/],
    ['--generator siege', /no generator "siege"[^]*autocannon/],
    ['--profile fast', /Allowed choices are smoke, quick, standard, thorough/],
    ['--workers 0', /whole number from 1 to 64/],
    ['--topology app-server --cpus 1000', /cannot have 1000 of \d+ CPUs[^]*--cpus/],
    ['--runtime podman', /no runtime "podman"[^]*auto, native, docker/],
    ['--runtime auto,native', /auto chooses one runtime itself[^]*native,docker/],
    ['--runtime docker --memory 1K', /at least 6M/],
    ['--memory 256M', /limits containers[^]*--runtime docker/],
    ['--network bridge', /about containers[^]*--runtime docker/],
    ['up app-server --runtime native,docker', /Name one --runtime/],
    ['--no-load --no-conformance', /Nothing is left to do/],
    ['three-tier', /Type: npm run lab -- --topology three-tier/],
    ['frobnicate', /no command "frobnicate"[^]*list, up, conform/],
    ['up three-tier,app-server', /Name exactly one/],
    ['load --url http://192.0.2.1/ --connections 1', /not on this machine[^]*--allow-remote/],
    ['conform --url http://example.org/', /not on this machine[^]*--allow-remote/],
    ['load --url https://127.0.0.1/ --connections 1', /http:\/\/127\.0\.0\.1:8000/],
    ['load --url http://127.0.0.1:9/', /Add --connections N[^]*--rate N/],
    ['load --url http://127.0.0.1:9/ --rate 0', /number from 0.01 to 1000000/],
    ['load --url http://127.0.0.1:9/ --rate 1000000 --duration 60', /20 million[^]*lower rate/],
    [
      'load --url http://127.0.0.1:9/ --rate 10 --generator autocannon',
      /cannot produce this load[^]*--generator pacer/,
    ],
    ['load --url http://127.0.0.1:9/ --connections 1 --timeout 0', /number from 0.05 to 600/],
    ['--sweep 1,2,4', /Write connections=1,2,4,8 or rate=100,200,400/],
    ['--sweep connections=1,2.5', /whole number from 1 to 10000/],
    [`--sweep rate=${Array.from({ length: 21 }, (_, index) => index + 1).join(',')}`, /at most 20 values, not 21/],
    ['--sweep rate=100 --no-load', /--sweep is about load/],
    ['--sweep rate=100,200 --generator autocannon', /cannot produce this load[^]*--generator pacer/],
    ['study', /needs a name[^]*interpreter/],
    ['study garbage-collector', /no study "garbage-collector"[^]*interpreter/],
    ['study interpreter --part disk', /no part "disk"[^]*memory, scaling, cost, clients/],
    ['report no-such-run.json', /cannot be read[^]*reports\/runs\/latest\/run\.json/],
  ])('%s', async (words, said) => {
    const { code, stdout, stderr } = await lab(words.split(' '))
    expect(stderr).toMatch(said)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  test('flags that npm kept for itself because -- was forgotten', async () => {
    const { code, stderr } = await lab(['three-tier'], { npm_config_topology: 'true' })
    expect(stderr).toContain('npm run lab -- --topology three-tier')
    expect(code).toBe(2)
  })

  test('a run of another schema, and a file that is none', async () => {
    writeFileSync(join(folder, 'old.json'), '{"schema":"lab.run/0"}')
    writeFileSync(join(folder, 'none.json'), '{')
    expect(await lab(['report', 'old.json'])).toMatchObject({ code: 2, stderr: expect.stringContaining('lab.run/0') })
    expect(await lab(['report', 'none.json'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not JSON'),
    })
  })
})

describe('list', () => {
  test('--json prints the whole catalogue and nothing else', async () => {
    const catalogue = JSON.parse((await lab(['list', '--json'])).stdout) as Record<string, { name: string }[]>
    expect(Object.keys(catalogue)).toEqual([
      'topologies',
      'servers',
      'suites',
      'clauses',
      'rules',
      'workloads',
      'generators',
    ])
    expect(catalogue['topologies']!.map(({ name }) => name)).toEqual([
      'app-server',
      'daemon-host',
      'reverse-proxy',
      'three-tier',
    ])
    expect(catalogue['clauses']!.length).toBeGreaterThanOrEqual(165)
    expect(catalogue['rules']!.map(({ name }) => name)).toContain('app.no-read-past')
  })
})

describe('a run', () => {
  test('leaves run.json, report.html, report.md and four charts; --json prints the run and nothing else', async () => {
    const words = [
      '--topology',
      'reverse-proxy',
      '--profile',
      'smoke',
      '--suite',
      'pep3333-environ',
      '--workload',
      'time',
      '--out',
      'report',
      '--json',
    ]
    const { code, stdout } = await lab(words)
    const run = Run.parse(JSON.parse(stdout))
    // On a machine that is never quiet nothing may be valid, and then the command says so.
    expect(code).toBe(inconclusive(run) ? 4 : 0)
    expect(run.results[0]!.tiers.map(({ server, version }) => [server, /^\d+\.\d+/.test(version)])).toEqual([
      ['nginx', true],
      ['gunicorn', true],
    ])
    // A disturbed one is measured again, and both are kept.
    expect(new Set(run.results[0]!.measurements.map(({ repeat }) => repeat))).toEqual(new Set([1]))
    expect(run.results[0]!.measurements[0]!.requests).toBeGreaterThan(0)
    for (const name of [
      'run.json',
      'report.html',
      'report.md',
      'throughput.png',
      'latency.png',
      'cpu.png',
      'memory.png',
    ]) {
      expect(existsSync(join(folder, 'report', name)), name).toBe(true)
    }
    expect(Run.parse(JSON.parse(readFileSync(join(folder, 'report/run.json'), 'utf8')))).toEqual(run)
  })

  test('--sweep measures at each of the loads, and judges nothing', async () => {
    const words = '--topology app-server --profile smoke --seconds 0.5 --sweep connections=4,1 --out swept --json'
    const { stdout } = await lab(words.split(' '))
    const { sweep, results, workloads } = Run.parse(JSON.parse(stdout))
    expect(sweep).toEqual({ by: 'connections', values: [1, 4] })
    expect(workloads.map(({ name }) => name)).toEqual(['time'])
    expect(results[0]!.verdicts).toEqual([])
    expect(results[0]!.measurements).toEqual([])
    const loads = results[0]!.sweep!.map(({ loop }) => loop.connections)
    expect(new Set(loads)).toEqual(new Set([1, 4]))
  })

  test('a report can be rendered again from its run.json alone', async () => {
    const { code, stdout } = await lab(['report', 'report/run.json', '--out', 'again'])
    expect(code).toBe(0)
    expect(stdout).toContain('report.html')
    expect(readFileSync(join(folder, 'again/report.md'), 'utf8')).toBe(
      readFileSync(join(folder, 'report/report.md'), 'utf8'),
    )
  })

  test('a folder that cannot be written is named, with exit code 3', async () => {
    writeFileSync(join(folder, 'file'), '')
    const { code, stderr } = await lab([
      '--topology',
      'app-server',
      '--profile',
      'smoke',
      '--suite',
      'pep3333-http',
      '--no-load',
      '--out',
      'file/below',
    ])
    expect(stderr).toMatch(/cannot be written to [^]*--out/)
    expect(code).toBe(3)
  })
})

describe('load', () => {
  test('against a server that closes every connection, mean latency agrees with connections / throughput', async () => {
    // As Gunicorn's default worker does: one answer per connection. In a process of its own, as real servers are.
    const program = `require('node:http').createServer((_, response) => setTimeout(() => response.setHeader('Connection', 'close').end('x'.repeat(100)), 2)).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`
    const server = execFile(process.execPath, ['-e', program])
    const [port] = (await once(server.stdout!, 'data')) as [string]
    const { code, stdout } = await lab([
      'load',
      '--url',
      `http://127.0.0.1:${port.trim()}/`,
      '--connections',
      '10',
      '--duration',
      '5',
      '--json',
    ])
    server.kill()
    expect(code).toBe(0)
    const { throughput, latency, errors } = JSON.parse(stdout) as Measurement
    expect(errors).toBe(0)
    const expected = (10 / throughput) * 1000
    expect(Math.abs(latency!.mean - expected) / expected).toBeLessThan(0.15)
  })

  test('nothing listening there: says so, exit code 4, no numbers', async () => {
    const { code, stdout } = await lab([
      'load',
      '--url',
      'http://127.0.0.1:9/',
      '--connections',
      '2',
      '--duration',
      '1',
      '--json',
    ])
    expect(JSON.parse(stdout)).toMatchObject({ requests: 0, latency: null, validity: { valid: false } })
    expect(code).toBe(4)
  })
})

test('doctor says what this machine has', async () => {
  const { code, stdout } = await lab(['doctor'])
  expect(stdout).toMatch(/^ok +.*Node v24/m)
  expect(code).toBe(0)
})
