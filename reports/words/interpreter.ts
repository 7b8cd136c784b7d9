import { interpreterFindings } from '../interpreter.ts'
import type { Run } from '../run.ts'
import { fewestForBootstrap } from '../statistics.ts'
import { chapterInShort, type Chapter } from './chapter.ts'
import { clientsPart } from './interpreter-clients.ts'
import { memoryPart } from './interpreter-memory.ts'
import { costPart, scalingPart } from './interpreter-work.ts'
import { percent, plural } from './quantities.ts'

/** The study of the interpreter as a chapter; undefined for a run without one. */
export function interpreterChapter(run: Run): Chapter | undefined {
  const found = interpreterFindings(run)
  if (found === undefined) return undefined
  const parts = [memoryPart(found), scalingPart(found), costPart(found), clientsPart(found)]
  return {
    id: 'interpreter',
    title: 'What the Python interpreter costs, and what it can do at once',
    inShort: 'Interpreter',
    problems: found.study.problems ?? [],
    parts,
    limitsTitle: 'What these findings do not mean',
    limits: limits(run),
  }
}

/** The study for a terminal: the answer to each of its questions. */
export const studyInShort = (run: Run): readonly string[] => chapterInShort(interpreterChapter(run))

function limits(run: Run): readonly string[] {
  const python = /Python [\d.]+/.exec(run.study?.origin ?? '')?.[0]
  return [
    'The applications do next to nothing: a real one weighs more, computes more and waits for more. Add its own memory per worker before you count how many fit.',
    `They hold for ${python ?? 'the Python that these servers came with'}: other versions share more or less memory between processes, and some are built without a global lock.`,
    `They hold for this machine: ${plural(run.placement.services.length, 'CPU')} for the servers where nothing else is said, and no network but loopback. With more CPUs processes go on where they stop here.`,
    ...sharedWith(run),
    'How many workers fit is a straight line drawn further than was measured. Requests in flight, growing caches and fragments come on top.',
    'Slow clients are idle connections and connections that trickle, on the same machine. What a worker does to them depends on its timeouts.',
    ...(run.repeats < fewestForBootstrap
      ? [`With ${plural(run.repeats, 'repeat')}, intervals are wide, and what lies within them is not a difference.`]
      : []),
  ]
}

/** What the generator took from the servers where there were too few CPUs for it to have its own. */
function sharedWith({ study, host }: Run): readonly string[] {
  const shared = study?.rows.filter(({ part, cpus }) => part === 'scaling' && cpus === host.cpus) ?? []
  const taken = Math.max(0, ...shared.flatMap(({ measurements }) => measurements.map((one) => one.generatorCpu)))
  return taken < 0.05
    ? []
    : [
        `Where threads and processes are compared, the generator ran on a CPU of the servers and took up to ${percent(taken)} of it: with a CPU more, processes would have done that much more.`,
      ]
}
