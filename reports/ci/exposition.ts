import { visible } from '../words/visible.ts'

/** A value with what tells it from the others of its family. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Values of one kind. Of a `stateset` the label of the family's own name is the state. */
export interface Family {
  /** Without its unit, and without `_info`. */
  readonly name: string
  readonly type: 'gauge' | 'info' | 'stateset'
  /** A base unit, which becomes the end of the name. */
  readonly unit?: string
  readonly help: string
  readonly samples: readonly Sample[]
}

/** Families as OpenMetrics 1.0 text (prometheus.io/docs/specs/om/open_metrics_spec); those without a sample are left out. */
export function expose(families: readonly Family[]): string {
  const lines = families.filter(({ samples }) => samples.length > 0).flatMap(lineUp)
  return [...lines, '# EOF', ''].join('\n')
}

function lineUp({ name: bare, type, unit, help, samples }: Family): readonly string[] {
  const name = unit === undefined ? bare : `${bare}_${unit}`
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escaped(help)}`,
    ...samples.map(
      ({ labels, value }) => `${name}${type === 'info' ? '_info' : ''}${labelText(labels)} ${number(value)}`,
    ),
  ]
}

function labelText(labels: Sample['labels']): string {
  const all = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`)
  return all.length === 0 ? '' : `{${all.join(',')}}`
}

/** Carriage returns, which the format forbids, become visible with other control characters. */
const escaped = (text: string): string =>
  visible(text).replace(/[\\"\n]/g, (sign) => (sign === '\n' ? '\\n' : `\\${sign}`))

/** Without the digits that a change of units leaves behind. */
const number = (value: number): string => String(Number(value.toPrecision(12)))
