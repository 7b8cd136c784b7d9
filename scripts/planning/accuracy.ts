import { median } from 'simple-statistics'
import type { Check, Planned } from '../../reports/planning/planned.ts'
import { limits } from '../../reports/planning/validation.ts'
import { percent } from '../evidence.ts'

/** A load that a model was not fitted on: what it says of it, and what was measured. */
export interface Prediction {
  readonly topology: string
  /** What was asked for: `/cpu`. */
  readonly path: string
  readonly connections: number
  readonly figure: 'throughput' | 'p50'
  readonly predicted: number
  readonly measured: number
  /** Predicted over measured, less 1. */
  readonly error: number
}

/** How predictions did together: absolute errors as fractions. */
export interface Accuracy {
  readonly predictions: number
  readonly median: number
  readonly worst: number
}

/** The closed loops that the models of one run were checked with. */
export const predictionsOf = ({ validation }: Pick<Planned, 'validation'>, path: string): readonly Prediction[] =>
  validation.checks.filter(isPrediction).map(({ name, load, figure, predicted, measured, error }) => {
    return { topology: name, path, connections: load, figure, predicted, measured, error }
  })

const isPrediction = (check: Check): check is Check & { readonly figure: Prediction['figure'] } =>
  check.loop === 'closed' && check.figure !== 'p99'

/** Of all predictions of a figure; undefined without any. */
export function accuracyOf(predictions: readonly Prediction[], figure: Prediction['figure']): Accuracy | undefined {
  const errors = predictions.filter((each) => each.figure === figure).map(({ error }) => Math.abs(error))
  if (errors.length === 0) return undefined
  return { predictions: errors.length, median: median(errors), worst: Math.max(...errors) }
}

/** What of the goals a topology's model of one application misses, in words; empty when it meets all of them. */
export function missedBy(predictions: readonly Prediction[]): readonly string[] {
  const [throughput, p50] = [accuracyOf(predictions, 'throughput'), accuracyOf(predictions, 'p50')]
  if (!throughput || !p50) return ['nothing to compare with']
  return [
    throughput.median > limits.throughput.median ? `throughput ${percent(throughput.median)}` : '',
    throughput.worst > limits.throughput.worst ? `throughput ${percent(throughput.worst)} at worst` : '',
    p50.median > limits.p50.median ? `p50 ${percent(p50.median)}` : '',
  ].filter(Boolean)
}

/** How well each topology and application was predicted, as rows of a table in Markdown. */
export const accuracyRows = (predictions: readonly Prediction[]): readonly string[] =>
  [...Map.groupBy(predictions, ({ topology, path }) => `\`${topology}\` | \`${path}\``)].map(([name, of]) => {
    const [throughput, p50] = [accuracyOf(of, 'throughput'), accuracyOf(of, 'p50')]
    return `| ${name} | ${[throughput?.median, throughput?.worst, p50?.median].map((share) => (share === undefined ? '–' : percent(share))).join(' | ')} |`
  })

/** One line for each load, then one for each topology and application, then what they come to together. */
export function accuracyText(predictions: readonly Prediction[]): string {
  const loads = predictions.map(
    ({ topology, path, connections, figure, predicted, measured, error }) =>
      `${topology.padEnd(14)}${path.padEnd(7)}${String(connections).padStart(3)} connections  ${figure.padEnd(11)}` +
      `predicted ${predicted.toFixed(figure === 'p50' ? 2 : 0).padStart(8)}  measured ${measured.toFixed(figure === 'p50' ? 2 : 0).padStart(8)}` +
      `  error ${percent(error).padStart(8)}`,
  )
  const groups = [...Map.groupBy(predictions, ({ topology, path }) => `${topology} ${path}`)].map(([name, of]) => {
    const missed = missedBy(of)
    return `${name}: ${summaryOf(of)}; ${missed.length === 0 ? 'within the goals' : `misses the goals: ${missed.join(', ')}`}`
  })
  return [...loads, '', ...groups, '', `All: ${summaryOf(predictions)}`].join('\n')
}

const summaryOf = (predictions: readonly Prediction[]): string =>
  (['throughput', 'p50'] as const)
    .map((figure) => {
      const found = accuracyOf(predictions, figure)
      return found
        ? `${figure} off by ${percent(found.median)} (median), ${percent(found.worst)} (worst)`
        : `no ${figure} was compared`
    })
    .join('; ')
