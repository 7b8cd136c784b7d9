import type { Check, Planned, Validation } from '../planning/planned.ts'
import { limits } from '../planning/validation.ts'
import { median } from '../statistics.ts'
import { list, percent, plural } from './quantities.ts'
import { about, errorText, milliseconds } from './plan-figures.ts'
import type { ChapterTable } from './chapter.ts'

const figures = {
  throughput: { title: 'Throughput', inText: 'throughput', unit: '/s', loop: 'closed' },
  p50: { title: 'Median response time (p50)', inText: 'median response time', unit: '\u00a0ms', loop: 'closed' },
  p99: { title: 'p99, at steady rates', inText: 'p99', unit: '\u00a0ms', loop: 'open' },
} as const satisfies Readonly<Record<Check['figure'], object>>
const names = ['throughput', 'p50', 'p99'] as const

/** The sentence that comes before all others where the model must not be believed; undefined where it holds. */
export function distrust(validation: Validation): string | undefined {
  const { checks, holds } = validation
  if (checks.length === 0)
    return 'The model was not held against anything that it had not seen: do not order machines by it.'
  if (holds) return undefined
  const [missed] = misses(validation).toSorted((a, b) => b.error / b.limit - a.error / a.limit)
  return missed === undefined
    ? 'The model could not be checked in all that it has to be: do not order machines by it.'
    : `The model ${missed.which === 'worst' ? '' : 'typically '}missed the measured ${missed.inText} by ${percent(missed.error)}${missed.which === 'worst' ? ' at worst' : ''}: do not order machines by it.`
}

const misses = ({ throughput, p50 }: Validation) =>
  [
    { inText: figures.throughput.inText, which: 'median', error: throughput?.median, limit: limits.throughput.median },
    { inText: figures.throughput.inText, which: 'worst', error: throughput?.worst, limit: limits.throughput.worst },
    { inText: figures.p50.inText, which: 'median', error: p50?.median, limit: limits.p50.median },
  ].flatMap(({ error, ...rest }) => (error !== undefined && error > rest.limit ? [{ ...rest, error }] : []))

/** From this many times the predicted p99 on, a prediction must not stand there as if it were known. */
const ROUGH = 1.25

/**
 * The sentence that says that p99 was predicted too short, and whether the limit would still be kept if it were as wrong for the
 * recommended size; undefined where it was predicted well or too long, which makes nobody buy too little, or never checked.
 */
export function caution({ validation, recommended, demand }: Planned): string | undefined {
  const all = validation.checks.filter(({ figure, loop }) => figure === 'p99' && loop === 'open')
  const own = all.filter(({ name }) => name === recommended?.name)
  const ratios = (own.length > 0 ? own : all).map(({ predicted, measured }) => measured / predicted)
  if (ratios.length === 0) return undefined
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)]
  const isBroken = recommended?.size !== undefined && recommended.size.p99 * most > demand.p99
  if (median(ratios) < ROUGH && !isBroken) return undefined
  const range = about(least) === about(most) ? `${about(most)}×` : `${about(least)} to ${about(most)}×`
  const whose = own.length > 0 ? ` with ${recommended!.name}` : ''
  const then = isBroken ? `, and as wrong as that the limit of ${milliseconds(demand.p99)} would not be kept` : ''
  return `How long the slowest of 100 answers takes was predicted too short: measured${whose}, it was ${range} what the model said${then}.`
}

/** How sure a plan is, in one line. */
export function checkLine(validation: Validation): string {
  const { checks } = validation
  if (checks.length === 0) return 'No load was held out, so nobody knows how far off the model is.'
  const parts = names.flatMap((name) => {
    const error = validation[name]
    return error === undefined
      ? []
      : [{ typical: `${offBy(error.median)} in ${figures[name].inText}`, worst: offBy(error.worst) }]
  })
  const errors = parts.map(({ typical, worst }, index) => `${typical} (${worst}${index === 0 ? ' at worst' : ''})`)
  return `Held against ${plural(loadsOf(checks).length, 'measured load')} that it had not seen, the model was typically off by ${list(errors)}.`
}

const offBy = (error: number): string => (error < 0.005 ? `less than 1\u00a0%` : percent(error))

/** Rates that the model gives up on, with what the servers made of them. */
export const behindNotes = ({ behind }: Validation): readonly string[] =>
  behind.map(
    ({ name, rate, answered, p99 }) =>
      `${name} cannot keep up with ${about(rate, 3)} requests per second, says the model, so it predicts no times of them; measured: ${about(answered, 3)} were answered${p99 === undefined ? '' : `, 99 of 100 within ${milliseconds(p99)}`}.`,
  )

const loadsOf = (checks: readonly Check[]): readonly string[] => [
  ...new Set(checks.map(({ name, loop, load }) => JSON.stringify([name, loop, load]))),
]

/** The errors in short: a row for each figure, with what a model has to keep to. */
export function errorTable(validation: Validation): ChapterTable {
  const needed = {
    throughput: `${percent(limits.throughput.median)} median, ${percent(limits.throughput.worst)} worst`,
    p50: `${percent(limits.p50.median)} median`,
    p99: '–: one request in a hundred decides it',
  }
  return {
    title: 'How far the model was off',
    head: ['Figure', 'Loads', 'Error, median', 'Error, worst', 'A model that holds is within'],
    rows: names.flatMap((name) => {
      const error = validation[name]
      const count = validation.checks.filter(
        ({ figure, loop }) => figure === name && loop === figures[name].loop,
      ).length
      return error === undefined
        ? []
        : [[figures[name].title, String(count), offBy(error.median), offBy(error.worst), needed[name]]]
    }),
  }
}

/** Every held-out load, as the model said it and as it was measured. */
export const checkTable = ({ checks }: Validation): ChapterTable => ({
  title: 'Predicted against measured, at every load that was held out',
  head: ['Topology', 'Load', 'Figure', 'Predicted', 'Measured', '95 % interval', 'Error'],
  rows: checks.map(({ name, loop, load, figure, predicted, measured, within, error }) => {
    const { title, unit } = figures[figure]
    const show = (value: number): string => `${about(value, 3)}${unit}`
    return [
      name,
      loop === 'closed' ? plural(load, 'connection') : `${about(load, 3)} requests per second`,
      title,
      show(predicted),
      show(measured),
      within === undefined ? '–' : `${about(within.low, 3)} – ${show(within.high)}`,
      errorText(error),
    ]
  }),
})
