import { changeChart, figureChart } from '../charts/trend-lines.ts'
import type { History, HistoryEntry } from '../history.ts'
import type { GatedMetric } from '../run.ts'
import { trendsOf, type MachineTrend, type TrendLine, type TrendPoint, type TrendSeries } from '../trend.ts'
import { metricFormats, metricNames, signed } from '../words/gate-figures.ts'
import { when } from '../words/heading.ts'
import { list, plural } from '../words/quantities.ts'
import { behave } from './behaviour.ts'
import { renderShell } from './shell.ts'
import { dataTable } from './table.ts'
import { html, type Markup } from './template.ts'
import { trendPicture } from './trend-picture.ts'

/** More points than this are too close together to be told apart. */
const MOST_POINTS = 60

/** A history as a page: a section for each machine, never a line from one to another. */
export function renderTrend({ entries, leftOut }: History, name: string): string {
  const trends = trendsOf(entries)
  return renderShell({
    title: `Trend of ${name}, Gateway Lab`,
    heading: 'Gateway Lab: trend',
    line: `${name} · ${plural(entries.length, 'entry', 'entries')} of ${plural(trends.length, 'machine')}${span(entries)}`,
    first: trends.length === 0 ? 'limits' : `machine-${trends[0]!.machine.fingerprint}`,
    gate: true,
    links: [
      ...trends.map(({ machine }) => [`#machine-${machine.fingerprint}`, `Machine ${machine.fingerprint}`] as const),
      ['#limits', 'Limits'],
    ],
    main: html`${(entries.length === 0 || leftOut.length > 0) && missing(entries, leftOut)}
      ${trends.map(machineSection)}
      <section id="limits" aria-labelledby="limits-title">
        <h2 id="limits-title">What these lines do not mean</h2>
        <ul class="limits">
          <li>
            A change is what one gate measured of head against base, side by side: that is what is judged. The figures
            beside it come from different times; the machine may have been faster or slower, and nothing judges them.
          </li>
          <li>
            No line leads from one machine to another, and two machines of one kind are the same to a fingerprint. A new
            kernel is a new machine.
          </li>
          <li>Gates stand in the order of time and not to its scale. Branches stand beside each other on one line.</li>
          <li>Axes of figures do not begin at zero.</li>
        </ul>
      </section>`,
    footer: html`Made by Gateway Lab.`,
    scripts: [`(${behave})()`],
  })
}

function span(entries: readonly HistoryEntry[]): string {
  const [first, last] = [entries[0], entries.at(-1)]
  return first === undefined || last === undefined ? '' : ` · ${when(first.startedAt)} to ${when(last.startedAt)}`
}

const missing = (entries: readonly HistoryEntry[], leftOut: readonly string[]): Markup =>
  html`<section id="left-out" aria-labelledby="left-out-title">
    <h2 id="left-out-title">What is missing</h2>
    ${entries.length === 0 && html`<p>This history holds no entry.</p>`}
    <ul>
      ${leftOut.map((sentence) => html`<li>${sentence}</li>`)}
    </ul>
  </section>`

function machineSection({ machine, entries, series }: MachineTrend): Markup {
  const id = `machine-${machine.fingerprint}`
  const gates = entries.filter(({ verdict }) => verdict !== undefined)
  return html`<section id="${id}" class="trend" aria-labelledby="${id}-title">
    <h2 id="${id}-title">Machine ${machine.fingerprint}</h2>
    <p class="note">${machine.says}</p>
    ${gates.length > 0 && verdicts(gates, id)}
    ${series.map((each, index) => seriesPart(each, `${id}-${index + 1}`, machine.fingerprint))}
  </section>`
}

function verdicts(gates: readonly HistoryEntry[], id: string): Markup {
  const count = (verdict: string): number => gates.filter((gate) => gate.verdict === verdict).length
  const shown = gates.slice(-MOST_POINTS).toReversed()
  return html`<p>
      ${plural(gates.length, 'gate')}:
      ${list([plural(count('pass'), 'pass', 'passes'), plural(count('breach'), 'breach', 'breaches'), `${count('inconclusive')} inconclusive`])}.
    </p>
    <details class="all">
      <summary>${shown.length < gates.length ? `The last ${shown.length} gates` : 'All gates'}, as a table</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Gates of ${id}">
        <table class="small">
          <thead>
            <tr>
              ${['When', 'What', 'Against the baseline', 'Run', 'Lab’s commit', 'Verdict'].map((cell) => html`<th scope="col">${cell}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${shown.map(
              ({ startedAt, id: run, commit, verdict = '', gated, conformance }) =>
                html`<tr>
                  <th scope="row">${when(startedAt)}</th>
                  <td>${gated === undefined ? 'clauses only' : `${gated.application} against ${gated.base}`}</td>
                  <td>
                    ${conformance === undefined ? '–' : `${conformance.breach} broken, ${conformance.known} known, of ${conformance.compared}`}
                  </td>
                  <td>${run}</td>
                  <td>${commit ?? '–'}</td>
                  <td class="${verdict}">${verdict}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`
}

/** Gates are open to see. Ordinary runs measure so much that each of their series is folded. */
function seriesPart(series: TrendSeries, id: string, fingerprint: string): Markup {
  const { title, says, kind, lines } = series
  // Regions of a page need names of their own, and other series have the same metrics.
  const where = `${title}, ${says}, machine ${fingerprint}`
  const content = html`<p class="note">${says}.</p>
    <div class="charts">${lines.map((line) => figures(line, kind, where))}</div>
    ${lines.map((line) => folded(line, kind, where))}`
  return kind === 'gate'
    ? html`<h3 id="${id}">${title} <a class="anchor" href="#${id}" aria-label="Link to ${title}">#</a></h3>
        ${content}`
    : html`<details id="${id}" class="card">
        <summary><strong>${title}</strong></summary>
        ${content}
      </details>`
}

/** The points of a line that are shown, and which these are. */
function shownOf({ points: all }: TrendLine, kind: TrendSeries['kind']): readonly [readonly TrendPoint[], string] {
  const points = all.slice(-MOST_POINTS)
  return [points, points.length < all.length ? `the last ${points.length} of ${all.length}` : plural(all.length, kind)]
}

function figures(line: TrendLine, kind: TrendSeries['kind'], where: string): Markup {
  const { metric } = line
  const [points, of] = shownOf(line, kind)
  const shown = { metric, points }
  const name = metricNames[metric]
  return html`${
    kind === 'gate' &&
    figure(
      `Change of ${name}, gate by gate`,
      'Whiskers: 99 % intervals. Dashed: the tolerance. Square: breach. Hollow: inconclusive.',
      trendPicture(changeChart(shown), `Change of ${name} over ${of}`, (value) => (value === 0 ? '0' : signed(value))),
      where,
    )
  }
  ${figure(
    `${kind === 'gate' ? 'Head’s ' : ''}${name}`,
    'Medians with 95 % intervals, judged by nothing.',
    trendPicture(figureChart(shown), `${name} over ${of}`, metricFormats[metric]),
    where,
  )}`
}

function folded(line: TrendLine, kind: TrendSeries['kind'], where: string): Markup {
  const [points, of] = shownOf(line, kind)
  return html`<details class="all">
    <summary>${metricNames[line.metric]}: ${of}, as a table</summary>
    ${tableOf(line.metric, points, kind, where)}
  </details>`
}

const figure = (caption: string, hint: string, picture: Markup, where: string): Markup =>
  html`<figure>
    <figcaption>${caption} <small>${hint}</small></figcaption>
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}: ${where}">${picture}</div>
  </figure>`

function tableOf(metric: GatedMetric, points: readonly TrendPoint[], kind: TrendSeries['kind'], where: string): Markup {
  const format = metricFormats[metric]
  const ends = (low: number | null, high: number | null, written: (value: number) => string): string =>
    low === null || high === null ? 'no interval' : `${written(low)} to ${written(high)}`
  const head = [
    ...['When', kind === 'gate' ? 'Head' : 'Median', '95 % interval'],
    ...(kind === 'gate' ? ['Change', '99 % interval', 'Tolerance', 'Base', 'Verdict'] : []),
    ...['Servers', 'Run'],
  ]
  return dataTable(
    `${metricNames[metric]} over time: ${where}`,
    head,
    points
      .toReversed()
      .map(({ startedAt, figure: { middle, low, high }, effect, servers, id }) => [
        when(startedAt),
        ...[format(middle), ends(low, high, format)],
        ...(effect === undefined
          ? []
          : [
              ...[signed(effect.change), ends(effect.low, effect.high, signed)],
              ...[`${Number((effect.tolerance * 100).toPrecision(6))} %`, effect.base],
              { text: effect.verdict, kind: effect.verdict },
            ]),
        ...[servers, id],
      ]),
  )
}
