import { describe, expect, test } from 'vitest'
import { interpreterBars } from './charts/interpreter-bars.ts'
import { interpreterLines } from './charts/interpreter-lines.ts'
import { studied } from './fixture/study.ts'
import { fixture } from './fixture/whole.ts'
import { interpreterFindings } from './interpreter.ts'
import type { Measurement, Run, StudyRow } from './run.ts'
import { interpreterChapter, studyInShort } from './words/interpreter.ts'

const MiB = 1024 ** 2
const exact = { noise: 0.001, repeats: 3 }

/** A study of which each row is changed; a row that becomes nothing is left out. */
function changed(run: Run, change: (row: StudyRow) => StudyRow | undefined): Run {
  return { ...run, study: { ...run.study!, rows: run.study!.rows.flatMap((row) => change(row) ?? []) } }
}

const without = (part: StudyRow['part']) => changed(studied(exact), (row) => (row.part === part ? undefined : row))

const partOf = (run: Run, id: string) => interpreterChapter(run)!.parts.find((part) => part.id === id)!

describe('memory', () => {
  test('is what the first process takes and what each worker adds', () => {
    const [pages] = interpreterFindings(studied(exact))!.memory
    expect(pages!.line!.base / MiB).toBeCloseTo(14, 0)
    expect(pages!.line!.worker / MiB).toBeCloseTo(16, 0)
    expect(pages!.line!.within!.low).toBeLessThanOrEqual(16 * MiB)
    expect(pages!.line!.within!.high).toBeGreaterThanOrEqual(16 * MiB)
    // (256 - 14) / 16, (512 - 14) / 16, (1024 - 14) / 16, (4096 - 14) / 16, each rounded down.
    expect(pages!.fits.map(({ workers }) => workers)).toEqual([15, 31, 63, 255])
  })

  test('says how many workers fit at worst when measurements scatter', () => {
    const { says } = partOf(studied({ noise: 0.1 }), 'interpreter-memory')
    expect(says[0]).toMatch(/^Workers of pages that fit: \d+ .*\(at worst \d+\) into 4 GiB\.$/)
  })

  test('of measurements whose speed is not valid counts, that of an application nobody reached does not', () => {
    const invalid = (reason: 'disturbed' | 'unanswered') =>
      changed(studied(exact), (row) => ({
        ...row,
        measurements: row.measurements.map((one): Measurement => ({
          ...one,
          validity: { valid: false, reasons: [reason], because: ['x.'] },
        })),
      }))
    expect(studyInShort(invalid('disturbed'))[0]).toContain('Each further worker adds 16')
    expect(studyInShort(invalid('unanswered'))[0]).toBe(
      'One interpreter alone takes 8.40\u00a0MiB. What workers weigh is not known from this run.',
    )
  })
})

describe('threads and processes', () => {
  test('with a lock: threads compute no more, processes do, and both wait equally well', () => {
    const run = studied(exact)
    const [computing] = partOf(run, 'interpreter-scaling').answers
    expect(computing).toMatch(/8 threads did 0\.9\d× \(0\.9\d – 0\.9\d×\) the work of one, 8 processes did 1\.9\d×/)
    expect(computing).toMatch(/wait \(wait\): 8 threads did 7\.\d\d× .* 8 processes did 7\.\d\d×/)
    expect(partOf(run, 'interpreter-scaling').says[0]).toContain('global lock (GIL)')
  })

  test('without a lock: the report does not claim one', () => {
    const { says } = partOf(studied({ ...exact, lock: false, cpus: 4 }), 'interpreter-scaling')
    expect(says).toEqual([expect.stringContaining('has no global lock')])
  })

  test('on one CPU: a flat line of threads proves nothing, and that is said', () => {
    const { says } = partOf(studied({ ...exact, cpus: 1 }), 'interpreter-scaling')
    expect(says).toEqual([expect.stringContaining('nothing is shown about the interpreter’s lock')])
  })

  test('are drawn beside the ideal, with the CPUs that the servers had', () => {
    const chart = interpreterLines(studied(exact)).find(({ name }) => name === 'interpreter-scaling')!
    const [computing, waiting] = chart.panels
    expect(computing!.lines.map(({ name }) => name)).toEqual(['ideal', 'threads 1.0×', 'processes 1.9×'])
    expect(computing!.guides).toEqual([{ along: 'x', at: 2, text: 'the servers had 2 CPUs' }])
    expect(waiting!.guides).toEqual([])
  })
})

test('a request costs the interpreter many times what it costs the proxy, a static file nothing', () => {
  const [answer] = partOf(studied(exact), 'interpreter-cost').answers
  expect(answer).toMatch(
    /^Dynamic page: 418\sµs .* interpreter, 62\.0\sµs in the proxy, 6\.7\d× \(6\.7\d – 6\.7\d×\) as much\./,
  )
  expect(answer).toContain('Static file: 31.0\u00a0µs of CPU time in the proxy, none in the interpreter.')
})

describe('clients', () => {
  test('whom nobody answered are the finding, not a gap', () => {
    const run = studied(exact)
    expect(studyInShort(run)[3]).toContain('gunicorn/sync alone answered nothing in time')
    const throughput = interpreterBars(run).find(({ name }) => name === 'interpreter-clients-throughput')!
    const slow = throughput.panels.find(({ workload }) => workload === 'slow-clients')!
    expect(slow.series[0]!.bars[throughput.rows.indexOf('gunicorn/sync alone')]).toMatchObject({
      value: null,
      text: 'nothing answered in time',
    })
    const row = partOf(run, 'interpreter-clients').table!.rows.find(
      ([clients, servers]) => clients === 'Beside slow clients' && servers === 'gunicorn/sync alone',
    )
    expect(row).toContain('100\u00a0%')
  })

  test('of whom many were lost are told as such', () => {
    const run = changed(studied(exact), (row) =>
      row.workload !== 'slow-clients'
        ? row
        : {
            ...row,
            measurements: row.measurements.map((one) => ({ ...one, requests: 60, timeouts: 40, throughput: 30 })),
          },
    )
    expect(studyInShort(run)[3]).toContain('gunicorn/gevent alone lost 40\u00a0% of all requests and answered 30.0/s')
  })
})

describe('a study in part', () => {
  test.each(['memory', 'scaling', 'cost', 'clients'] as const)('without %s says so and draws the rest', (part) => {
    const run = without(part)
    expect(studyInShort(run)).toContainEqual(expect.stringMatching(/not known from this run/))
    expect([...interpreterLines(run), ...interpreterBars(run)].map(({ name }) => name)).not.toContainEqual(
      expect.stringContaining(part),
    )
  })

  test('with one repeat, or none of it valid, claims no interval and no lock', () => {
    const once = studied({ repeats: 1 })
    expect(JSON.stringify(interpreterChapter(once))).not.toMatch(/NaN|undefined|Infinity/)
    expect(partOf(once, 'interpreter-scaling').answers[0]).toMatch(/8 threads did 0\.9\d× \(one repeat, no interval\)/)
    expect(partOf(once, 'interpreter-scaling').says).toEqual([])
    const invalid = changed(studied(exact), (row) => ({
      ...row,
      measurements: row.measurements.map((one): Measurement => ({
        ...one,
        validity: { valid: false, reasons: ['disturbed'], because: ['Others used the CPUs.'] },
      })),
    }))
    expect(partOf(invalid, 'interpreter-scaling').says).toEqual([])
    expect(partOf(invalid, 'interpreter-scaling').table!.rows[1]!.at(-1)).toBe(
      'not valid, 0 of 3: Others used the CPUs',
    )
  })

  test('tells what could not be studied', () => {
    const run = studied(exact)
    const failed = { ...run, study: { ...run.study!, problems: ['Only memory was studied.'] } }
    expect(studyInShort(failed).at(-1)).toBe('Only memory was studied.')
  })
})

test('a run without a study has no such chapter', () => {
  expect(interpreterChapter(fixture())).toBeUndefined()
})
