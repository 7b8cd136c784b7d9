import { answers, type Standing } from './answer.ts'
import { allSummaries, summaryText } from './conformance.ts'
import { compared } from './extent.ts'
import { frameworkCosts } from './frameworks.ts'
import { isolation } from './isolation.ts'
import { allNames, resultNames } from './names.ts'
import type { Content, Run } from './run.ts'
import { advise } from './words/sentences.ts'
import { capacityInShort } from './words/capacity.ts'
import { curvesInShort } from './words/curves.ts'
import { studyInShort } from './words/interpreter.ts'
import { isolationInShort } from './words/isolation.ts'
import { visible } from './words/visible.ts'
import { gateText } from './words/gate.ts'
import { gateLines } from './words/gate-terminal.ts'
import { summaryLine } from './words/heading.ts'
import { planText } from './words/plan.ts'
import { planLines } from './words/plan-terminal.ts'
import { perSecond } from './words/quantities.ts'
import { frameworkText } from './words/wording.ts'

/** How the summary is printed. */
export interface TerminalOptions {
  readonly colour: boolean
}

const columns = 100
const mostWorkloads = 4
/** With more answers than these, the reasons would push the answers off the screen. */
const mostReasons = 6
const mostCosts = 8
const mostCurves = 8

/**
 * The run in short for a terminal of 100 columns: the answer, the throughputs, and what the hops do to the clauses; of a gate
 * its verdict, of a plan its recommendation.
 */
export function renderTerminal(run: Run, { colour }: TerminalOptions): string {
  const style =
    (code: string) =>
    (text: string): string =>
      colour ? `\u001b[${code}m${text}\u001b[0m` : text
  const [bold, green, dim, red] = [style('1'), style('1;32'), style('2'), style('31')]
  const summary = wrap(summaryLine(run), 2).map(dim)
  const gate = gateText(run)
  if (gate !== undefined) {
    const verdict = { pass: green, breach: style('1;31'), inconclusive: style('1;33') }[gate.verdict]
    const first = wrap(gate.sentence, 2).map(verdict)
    const rest = gateLines(gate, wrap).map(({ kind, lines }) => lines.map({ head: bold, text: String, bad: red }[kind]))
    return blocksOf([first, ...rest, summary])
  }
  const plan = planText(run)
  if (plan !== undefined) {
    const styles = { bad: style('1;31'), good: green, head: bold, text: String, quiet: dim }
    return blocksOf([...planLines(run, plan, wrap).map(({ kind, lines }) => lines.map(styles[kind])), summary])
  }
  const own = compared(run)
  const all = answers(own)
  const advice = all.flatMap((answer) => {
    const { decided, choose, margin, why, sure, limit } = advise(run, answer)
    const short = all.length > mostReasons && margin !== undefined ? `${choose}, ${margin}` : choose
    const line = wrap(`${label(nameOf(answer.workload.content))}${short}`, 13).map(decided ? green : bold)
    if (all.length > mostReasons) return line
    return [
      ...line,
      ...wrap(`${label(answer.runtime ?? '')}${why}`, 13),
      ...wrap(`${label('')}${sure} Limit: ${limit}.`, 13).map(dim),
    ]
  })
  const clauses = allSummaries(run).flatMap((each) => wrap(`${each.name}: ${summaryText(each)}.`, 2))
  const problems = [...allNames(run)].flatMap(([result, name]) =>
    result.problems.flatMap((problem) =>
      wrap(`${name}: ${problem.split('\n', 1)[0]!}`, 2)
        .slice(0, 3)
        .map(red),
    ),
  )
  const frameworks = frameworkCosts(run)
  const costs = [
    ...frameworks
      .slice(0, mostCosts)
      .flatMap((cost) => wrap(`${cost.name}, ${cost.framework}, CPU per request: ${frameworkText(cost)}`, 2)),
    ...(frameworks.length > mostCosts
      ? [`${frameworks.length - mostCosts} more costs of frameworks are in the report`]
      : []),
  ]
  const isolated = isolation(run)
  const containers = isolated === undefined ? [] : isolationInShort(isolated).flatMap((line) => wrap(line, 2))
  const borne = capacityInShort(run).flatMap((line) => wrap(line, 2))
  const studied = studyInShort(run).flatMap((line) => wrap(line, 2))
  const sentences = curvesInShort(run)
  const curves = [
    ...sentences.slice(0, mostCurves).flatMap((line) => wrap(line, 2)),
    ...(sentences.length > mostCurves ? [`${sentences.length - mostCurves} more curves are in the report`] : []),
  ]
  const measured = own !== run || run.results.some(({ measurements }) => measurements.length > 0)
  const nothing = measured ? [] : ['Nothing was measured.']
  const blocks = [
    summary,
    advice,
    borne,
    studied,
    curves,
    clauses,
    throughputs(own, bold),
    costs,
    nothing,
    containers,
    problems,
  ]
  return blocksOf(blocks)
}

const blocksOf = (blocks: readonly (readonly string[])[]): string =>
  `${blocks
    .filter(({ length }) => length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`

const label = (text: string): string => text.padEnd(13)

/** What a workload asks for, to a reader whose application it may be. */
const nameOf = (content: Content): string => (content === 'own' ? 'your app' : content)

function throughputs(run: Run, bold: (text: string) => string): readonly string[] {
  const all = [...Map.groupBy(answers(run), ({ workload }) => workload)]
  const found = all.slice(0, mostWorkloads)
  if (found.length === 0 || run.results.length === 0) return []
  const head = ['Right answers/s', ...found.map(([workload]) => workload.name)]
  const rows = [...resultNames(run).values()].map((name) => [
    name,
    ...found.map(([, each]) => {
      const standings = each.flatMap((answer) => answer.throughput.standings)
      const standing = standings.find((other) => other.name === name)!
      return standing.kind === 'missing' ? '–' : `${throughputText(standing)}${standing.kind === 'ranked' ? '' : ' *'}`
    }),
  ])
  const needed = head.map((_, column) => Math.max(...[head, ...rows].map((row) => visible(row[column]!).length)))
  const first = Math.min(32, needed[0]!)
  const room = Math.floor((columns - first) / found.length) - 2
  const widths = [first, ...needed.slice(1).map((width) => Math.min(room, width))]
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => fit(cell, widths[column]!, column > 0)).join('  ')
  const notes = [
    ...(rows.flat().some((cell) => cell.includes('±')) ? ['± is the farther end of the 95 % interval'] : []),
    ...(rows.flat().some((cell) => cell.endsWith('*'))
      ? ['* not valid or too few valid repeats: ranked and compared with nothing']
      : []),
    ...(all.length > found.length ? [`${all.length - found.length} more workloads are in the report`] : []),
  ]
  return [bold(line(head)), ...rows.map(line), ...notes]
}

/** `2,280/s ±3%`: the farther end of the interval, in percent of the median. */
function throughputText(standing: Exclude<Standing, { kind: 'missing' }>): string {
  const { middle, interval } = standing
  if (standing.kind === 'unranked' && standing.atLeast !== undefined) return `≥ ${perSecond(standing.atLeast)}`
  if (interval === undefined || middle === 0) return perSecond(middle)
  const away = Math.max(interval.high / middle - 1, 1 - interval.low / middle)
  return `${perSecond(middle)} ±${away < 10 ? `${Math.ceil(away * 100)}%` : '?'}`
}

function fit(text: string, width: number, right: boolean): string {
  const shown = visible(text)
  const cut = shown.length > width ? `${shown.slice(0, width - 1)}…` : shown
  return right ? cut.padStart(width) : cut.padEnd(width)
}

/** Breaks text into lines of at most 100 columns, all but the first indented. */
function wrap(text: string, indent: number): readonly string[] {
  const lines: string[] = []
  let line = visible(text).replace(/[\n\t]/g, ' ')
  while (line.length > columns) {
    const at = line.lastIndexOf(' ', columns)
    const end = at > indent ? at : columns
    lines.push(line.slice(0, end).trimEnd())
    line = ' '.repeat(indent) + line.slice(end).trimStart()
  }
  return [...lines, line.trimEnd()]
}
