import { interpreterFindings, type InterpreterFindings } from '../interpreter.ts'
import type { Weight } from '../interpreter-memory.ts'
import type { Scaling } from '../interpreter-scaling.ts'
import type { Run } from '../run.ts'
import { scalingWord } from '../words/interpreter-names.ts'
import { mebibytes } from '../words/quantities.ts'
import type { Line, LineChart, LinePoint } from './line-chart.ts'

const MiB = 1024 ** 2

/** The study's charts of lines: memory over workers, and work over threads and processes. */
export function interpreterLines(run: Run): readonly LineChart[] {
  const found = interpreterFindings(run)
  if (found === undefined) return []
  return [...memory(found), ...scaling(found)]
}

function memory({ memory: weights, study }: InterpreterFindings): readonly LineChart[] {
  const drawn = weights.filter(({ points }) => points.length > 0)
  if (drawn.length === 0) return []
  const applications = [...new Set(drawn.map(({ application }) => application))]
  const several = new Set(drawn.map(({ server }) => server)).size > 1
  const line = (weight: Weight): Line => ({
    name: [
      weight.application,
      ...(weight.preloaded ? ['preloaded'] : []),
      ...(several ? [weight.server] : []),
      ...(weight.line === undefined ? [] : [`+${mebibytes(weight.line.worker)} per worker`]),
    ].join(', '),
    hue: applications.indexOf(weight.application),
    dashed: weight.preloaded,
    points: weight.points.map(({ workers, middle, interval }) => ({
      x: workers,
      y: middle / MiB,
      low: interval === undefined ? null : interval.low / MiB,
      high: interval === undefined ? null : interval.high / MiB,
      valid: true,
    })),
  })
  const alone = study.interpreterPssBytes
  const guides =
    alone === null ? [] : [{ along: 'y' as const, at: alone / MiB, text: `one interpreter alone: ${mebibytes(alone)}` }]
  const workers = [...new Set(drawn.flatMap(({ points }) => points.map((point) => point.workers)))].sort(
    (a, b) => a - b,
  )
  return [
    {
      name: 'interpreter-memory',
      title: 'How much memory does each further worker take?',
      subtitle:
        'A colour for each application. Dashed: loaded once, before the workers are forked. Whiskers: 95 % intervals.',
      x: { title: 'workers', scale: 'linear', ticks: workers },
      y: { title: 'MiB of all processes (PSS)', scale: 'linear' },
      panels: [{ title: 'Memory', lines: drawn.map(line), guides }],
    },
  ]
}

function scaling({ scaling: all }: InterpreterFindings): readonly LineChart[] {
  if (all.length === 0) return []
  const counts = [...new Set(all.flatMap(({ points }) => points.map(({ parallel }) => parallel)))].sort((a, b) => a - b)
  const workloads = [...new Set(all.map(({ workload }) => workload))]
  const { cpus } = all[0]!
  const ideal: Line = {
    name: 'ideal',
    hue: 0,
    dashed: false,
    reference: true,
    points: counts.map((count) => ({ x: count, y: count, low: null, high: null, valid: true })),
  }
  const line = ({ by, points }: Scaling): Line => {
    const last = points.at(-1)?.speedup
    return {
      name: last === undefined ? by : `${by} ${last.ratio.toFixed(1)}×`,
      hue: by === 'threads' ? 1 : 0,
      dashed: false,
      points: points.map(({ parallel, speedup, counts: valid }): LinePoint => ({
        x: parallel,
        y: speedup?.ratio ?? null,
        low: speedup?.interval?.low ?? null,
        high: speedup?.interval?.high ?? null,
        valid,
      })),
    }
  }
  return [
    {
      name: 'interpreter-scaling',
      title: 'Do more threads or more processes do more work?',
      subtitle:
        'Throughput against one thread in one process. Whiskers: 99 % intervals of the ratio. Hollow: not valid.',
      x: { title: 'threads in one process, or processes of one thread', scale: 'log', ticks: counts },
      y: { title: 'times the work of one', scale: 'log', ticks: [0.25, 0.5, ...counts], suffix: '×' },
      panels: workloads.map((workload) => ({
        title: scalingWord(workload),
        lines: [ideal, ...all.filter((each) => each.workload === workload).map(line)],
        guides:
          workload === 'cpu'
            ? [
                {
                  along: 'x' as const,
                  at: cpus,
                  text: cpus === 1 ? 'the servers had 1 CPU' : `the servers had ${cpus} CPUs`,
                },
              ]
            : [],
      })),
    },
  ]
}
