import type { InterpreterFindings } from '../interpreter.ts'
import type { Weight } from '../interpreter-memory.ts'
import type { ChapterPart } from './chapter.ts'
import { list, mebibytes, number } from './quantities.ts'
import { intervalText } from './wording.ts'

const id = 'interpreter-memory'
const title = 'How much memory does each further worker take?'

/** What interpreters weigh, and how many fit. */
export function memoryPart({ memory, study }: InterpreterFindings): ChapterPart {
  const alone = study.interpreterPssBytes
  const interpreter = alone === null ? '' : `One interpreter alone takes ${mebibytes(alone)}. `
  const drawn = memory.filter((weight) => weight.points.length > 0)
  const lines = drawn.filter((weight) => weight.line !== undefined)
  if (lines.length === 0)
    return {
      id,
      title,
      answers: [
        `${interpreter}${drawn.length === 0 ? 'What workers weigh is not known from this run.' : 'What a further worker takes cannot be told from one number of workers.'}`,
      ],
      says: [],
      charts: drawn.length === 0 ? [] : [id],
      table: undefined,
    }
  const workers = [...new Set(drawn.flatMap(({ points }) => points.map((point) => point.workers)))].sort(
    (a, b) => a - b,
  )
  return {
    id,
    title,
    answers: [
      `${interpreter}Each further worker adds ${list(lines.map((weight) => `${perWorker(weight)} with ${nameOf(weight)}`))}.`,
    ],
    says: lines.filter(({ fits }) => fits.length > 0).map(fitsText),
    charts: [id],
    table: {
      title: 'Memory of all processes (PSS)',
      head: [
        'Application',
        ...workers.map((count) => `${count} ${count === 1 ? 'worker' : 'workers'}`),
        'Without a worker',
        'Each worker',
      ],
      rows: drawn.map((weight) => [
        nameOf(weight),
        ...workers.map((count) => {
          const point = weight.points.find((each) => each.workers === count)
          return point === undefined ? '–' : `${mebibytes(point.middle)} (${intervalText(point.interval, mebibytes)})`
        }),
        weight.line === undefined ? '–' : mebibytes(weight.line.base),
        weight.line === undefined ? '–' : perWorker(weight),
      ]),
    },
  }
}

const nameOf = ({ application, preloaded }: Weight): string => (preloaded ? `${application} preloaded` : application)

function perWorker({ line }: Weight): string {
  const { worker, within } = line!
  const sure = within && ` (${number(within.low / 1024 ** 2)} – ${mebibytes(within.high)})`
  return `${mebibytes(worker)}${sure ?? ''}`
}

function fitsText(weight: Weight): string {
  const fits = weight.fits.map(({ bytes, workers, atWorst }) => {
    const worst = atWorst === undefined || atWorst === workers ? '' : ` (at worst ${atWorst.toLocaleString('en')})`
    return `${workers.toLocaleString('en')}${worst} into ${bytes >= 1024 ** 3 ? `${bytes / 1024 ** 3} GiB` : mebibytes(bytes)}`
  })
  return `Workers of ${nameOf(weight)} that fit: ${list(fits)}.`
}
