import type { Figure } from '../figures.ts'
import type { ClientRow } from '../interpreter-clients.ts'
import type { InterpreterFindings } from '../interpreter.ts'
import { unknownPart, type ChapterPart } from './chapter.ts'
import { clientsWord, serversWord } from './interpreter-names.ts'
import { list, milliseconds, percent, perSecond, plural } from './quantities.ts'
import { intervalText } from './wording.ts'

/** Which kinds of workers serve which kinds of clients. */
export function clientsPart({ clients }: InterpreterFindings): ChapterPart {
  const id = 'interpreter-clients'
  const title = 'Which workers still answer when clients are slow or connect anew each time?'
  if (clients.length === 0)
    return unknownPart(id, title, 'What kinds of clients do to kinds of workers is not known from this run.')
  return {
    id,
    title,
    answers: [slowText(clients.filter(({ workload }) => workload === 'slow-clients'))],
    says: anewText(clients),
    charts: ['interpreter-clients-throughput', 'interpreter-clients-p99'],
    table: {
      title: 'Kinds of workers and kinds of clients',
      head: ['Clients', 'Servers', 'Size', 'Throughput', 'p99', 'Lost', 'Valid'],
      rows: clients.map((row) => [
        clientsWord(row.workload),
        serversWord(row.servers),
        `${plural(row.workers, 'worker')} of ${plural(row.threads, 'thread')}`,
        figureText(row.throughput, perSecond, 'nothing answered in time'),
        figureText(row.p99, milliseconds, '–'),
        percent(row.lost),
        `${row.counts ? '' : 'not valid, '}${row.valid} of ${row.of}${row.because.length === 0 ? '' : `: ${row.because.join('; ')}`}`,
      ]),
    },
  }
}

const figureText = (figure: Figure | undefined, format: (value: number) => string, otherwise: string): string =>
  figure === undefined ? otherwise : `${format(figure.middle)} (${intervalText(figure.interval, format)})`

/** From this share on, losing requests is the finding. */
const many = 0.01

function slowText(rows: readonly ClientRow[]): string {
  if (rows.length === 0) return 'Slow clients were not measured.'
  return `Beside slow clients ${list(rows.map((row) => `${nameOf(row)} ${fate(row)}`))}.`
}

function fate({ throughput, p99, lost, counts }: ClientRow): string {
  if (throughput === undefined) return 'answered nothing in time'
  const answered = `answered ${perSecond(throughput.middle)}`
  if (lost >= many) return `lost ${percent(lost)} of all requests and ${answered}`
  return `${answered}${p99 === undefined ? '' : `, 99 % within ${milliseconds(p99.middle)}`}${counts ? '' : ' (not valid)'}`
}

const nameOf = ({ servers }: ClientRow): string => serversWord(servers)

/** What is left of the throughput when each request needs a connection of its own. */
function anewText(rows: readonly ClientRow[]): readonly string[] {
  const left = rows.flatMap((row) => {
    const kept = rows.find((other) => other.workload === 'time' && nameOf(other) === nameOf(row))
    if (row.workload !== 'time-close' || !row.counts || !kept?.counts || !row.throughput || !kept.throughput) return []
    return [`${nameOf(row)} ${percent(row.throughput.middle / kept.throughput.middle)}`]
  })
  return left.length === 0
    ? []
    : [`With a connection per request, of the throughput with connections kept alive are left: ${list(left)}.`]
}
