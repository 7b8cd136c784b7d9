import { answers } from './answer.ts'
import { allSummaries, summaryText } from './conformance.ts'
import { frameworkCosts } from './frameworks.ts'
import { isolation } from './isolation.ts'
import { throughput } from './measures.ts'
import { allNames, resultNames } from './names.ts'
import type { Run } from './run.ts'
import { advise } from './words/sentences.ts'
import { isolationInShort } from './words/isolation.ts'
import { visible } from './words/visible.ts'
import { summaryLine } from './words/heading.ts'
import { frameworkText, standingText } from './words/wording.ts'

/** How the summary is printed. */
export interface TerminalOptions {
  readonly colour: boolean
}

const columns = 100
const mostWorkloads = 4
const mostCosts = 8

/** The run in short for a terminal of 100 columns: the answer, the throughputs, and what the hops do to the clauses. */
export function renderTerminal(run: Run, { colour }: TerminalOptions): string {
  const style =
    (code: string) =>
    (text: string): string =>
      colour ? `\u001b[${code}m${text}\u001b[0m` : text
  const [bold, green, dim, red] = [style('1'), style('1;32'), style('2'), style('31')]
  const summary = wrap(summaryLine(run), 2).map(dim)
  const advice = answers(run).flatMap((answer) => {
    const { decided, choose, why, sure, limit } = advise(run, answer)
    return [
      ...wrap(`${label(answer.workload.content)}${choose}`, 13).map(decided ? green : bold),
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
  const nothing = run.results.some(({ measurements }) => measurements.length > 0) ? [] : ['Nothing was measured.']
  const blocks = [summary, advice, clauses, throughputs(run, bold), costs, nothing, containers, problems]
  return `${blocks
    .filter(({ length }) => length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

const label = (text: string): string => text.padEnd(13)

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
      return standing.kind === 'missing' ? '–' : standingText(standing, throughput).replace(/\/s, .*$/, '/s *')
    }),
  ])
  const widths = head.map((_, column) =>
    Math.min(column === 0 ? 32 : 15, Math.max(...[head, ...rows].map((row) => visible(row[column]!).length))),
  )
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => fit(cell, widths[column]!, column > 0)).join('  ')
  const notes = [
    ...(rows.flat().some((cell) => cell.endsWith('*'))
      ? ['* not valid or too few valid repeats: ranked and compared with nothing']
      : []),
    ...(all.length > found.length ? [`${all.length - found.length} more workloads are in the report`] : []),
  ]
  return [bold(line(head)), ...rows.map(line), ...notes]
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
