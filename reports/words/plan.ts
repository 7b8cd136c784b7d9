import { assumptions } from '../planning/assumptions.ts'
import { planOf } from '../planning/plan.ts'
import type { Planned, PlannedTopology } from '../planning/planned.ts'
import type { Run } from '../run.ts'
import type { ChapterTable } from './chapter.ts'
import { behindNotes, caution, checkLine, checkTable, distrust, errorTable } from './plan-check.ts'
import { nextSteps, type NextStep } from './plan-commands.ts'
import { sharingNotes, stickyNote } from './plan-sharing.ts'
import { aloneTable, cpuTable, memoryTable } from './plan-costs.ts'
import { scalabilityNote, scalabilityTable } from './plan-model.ts'
import { demandLine, recommendation } from './plan-recommendation.ts'
import { list } from './quantities.ts'
import { sizesText, tiersTable, type SizesText } from './plan-sizes.ts'
import { whatIfNotes, whatIfTables } from './plan-what-if.ts'

/** A question beyond the first screen, with its answer. */
export interface PlanPart {
  readonly id: string
  readonly title: string
  /** What it is called where there is little room. */
  readonly inShort: string
  readonly says: readonly string[]
  readonly lists: readonly { readonly title: string; readonly says: readonly string[] }[]
  readonly tables: readonly ChapterTable[]
  /** What only those look up who doubt. */
  readonly details: readonly ChapterTable[]
}

/** A plan in words, for every report. */
export interface PlanText {
  readonly planned: Planned
  /** Why the model must not be believed, before anything else. */
  readonly distrust: string | undefined
  /** What a figure of the recommendation must not be taken for. */
  readonly caution: string | undefined
  readonly isMet: boolean
  readonly recommendation: string
  readonly demand: string
  readonly check: string
  readonly sizes: SizesText
  /** What is to be known about the recommended size. */
  readonly notes: readonly string[]
  readonly problems: readonly string[]
  readonly next: readonly NextStep[]
  readonly parts: readonly PlanPart[]
}

const texts = new WeakMap<Run, PlanText>()

/** A run's plan in words; undefined where it has none. Worked out once for all reports of a run. */
export function planText(run: Run): PlanText | undefined {
  if (run.plan === undefined) return undefined
  const known = texts.get(run) ?? textOf(run)
  texts.set(run, known)
  return known
}

function textOf(run: Run): PlanText {
  const planned = planOf(run)
  const { validation, recommended } = planned
  return {
    planned,
    distrust: distrust(validation),
    caution: caution(planned),
    isMet: recommended !== undefined,
    recommendation: recommendation(planned),
    demand: demandLine(planned, run.plan!),
    check: checkLine(validation),
    sizes: sizesText(planned),
    notes: notesOf(planned),
    problems: run.results.flatMap(({ topology, problems }) => problems.map((problem) => `${topology}: ${problem}`)),
    next: nextSteps(run, planned),
    parts: [
      surePart(planned),
      whatIfPart(run, planned),
      timePart(planned),
      modelPart(planned),
      assumedPart(run),
    ].filter(({ says, lists, tables }) => says.length + lists.length + tables.length > 0),
  }
}

/** What the reader of the first screen is to know beyond the figures. */
function notesOf({ recommended, models }: Planned): readonly string[] {
  const model = models.find(({ result }) => result === recommended?.result)
  return [
    ...(recommended?.notes ?? []),
    ...(model?.sharing === 'sticky' ? [stickyNote(model)] : []),
    ...(recommended !== undefined && meetsClients(recommended) ? [slowClientsNote(recommended.name)] : []),
  ]
}

/** Whether clients hold the threads of the application's server themselves, as the study of interpreters has shown of these. */
const meetsClients = ({ result: { tiers } }: PlannedTopology): boolean =>
  tiers.length === 1 && tiers[0]!.server === 'gunicorn' && tiers[0]!.variant !== 'gevent'

const slowClientsNote = (name: string): string =>
  `Nobody stands between ${name} and its clients: who sends or reads slowly holds a thread meanwhile, and slow clients were not measured here (npm run lab -- study interpreter measures them). For clients on the Internet, put a web server in front: reverse-proxy.`

/** What is to be known about any size, each once with all topologies that it is about. */
function notesOfAll(topologies: Planned['topologies']): readonly string[] {
  const all = topologies.flatMap(({ name, notes }) => notes.map((note) => ({ name, note })))
  return [...Map.groupBy(all, ({ note }) => note)].map(([note, of]) => `${list(of.map(({ name }) => name))}: ${note}`)
}

const surePart = ({ validation, topologies }: Planned): PlanPart => ({
  id: 'sure',
  title: 'How sure is that?',
  inShort: 'How sure',
  says: [
    checkLine(validation),
    ...behindNotes(validation),
    ...notesOfAll(topologies),
    'Fewest machines come first, then fewest busy cores; of topologies that the measurements do not tell apart the simplest is recommended.',
    'The model is fitted on some loads and asked for others, which were measured in the same run and kept from it. The range of machines is a 95 % interval of what chance did to the measurements; what the model gets wrong is not in it.',
  ],
  lists: [],
  tables: [errorTable(validation)].filter(hasRows),
  details: [checkTable(validation)].filter(hasRows),
})

const whatIfPart = (run: Run, planned: Planned): PlanPart => ({
  id: 'what-if',
  title: 'What if?',
  inShort: 'What if',
  says: whatIfNotes(run, planned),
  lists: [],
  tables: whatIfTables(run, planOf, planned).filter(hasRows),
  details: [],
})

const timePart = (planned: Planned): PlanPart => ({
  id: 'time',
  title: 'Where requests spend their time, and machines their memory',
  inShort: 'Time and memory',
  says: [
    'The kernel counted the CPU time of each tier while it was loaded. What a request takes beyond that when it meets no other, it waits: for a database, a timer, the network. A thread in which a request waits takes no core, but no other request can have it.',
    ...sharingNotes(planned.models),
  ],
  lists: [],
  tables: [tiersTable(planned), cpuTable(planned.models), aloneTable(planned.models)].filter(hasRows),
  details: [memoryTable(planned.models)].filter(hasRows),
})

const modelPart = ({ models }: Planned): PlanPart => ({
  id: 'model',
  title: 'The model',
  inShort: 'The model',
  says: [...assumptions.model, scalabilityNote],
  lists: [],
  tables: [scalabilityTable(models)].filter(hasRows),
  details: [],
})

const assumedPart = (run: Run): PlanPart => ({
  id: 'assumed',
  title: 'What was assumed',
  inShort: 'Assumed',
  says: [],
  lists: [
    { title: 'What nobody said', says: run.plan!.assumed },
    { title: 'What is taken for granted', says: assumptions.assumes },
    { title: 'What the model does not know', says: assumptions.lacks },
  ].filter(({ says }) => says.length > 0),
  tables: [],
  details: [],
})

const hasRows = ({ rows }: ChapterTable): boolean => rows.length > 0
