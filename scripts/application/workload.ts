import type { Workload } from '../../suites/load/index.ts'
import type { Scratch } from '../../topologies/runtimes/scratch.ts'
import { usageError } from '../choices.ts'
import { chosenApplication } from './chosen.ts'
import type { ApplicationWords, ChosenApplication, Requests } from './index.ts'

/** How many connections keep asking, where no sweep says otherwise. */
const CONNECTIONS = 8
/** How many paths are named in a sentence. */
const NAMED = 5

/** What a run measures instead of the lab's own application; undefined where no other is named. */
export function applicationOfRun(
  words: ApplicationWords,
  room: Pick<Scratch, 'directory'>,
  say: (line: string) => void,
): ChosenApplication | undefined {
  const flag = words.har === undefined ? '--path' : '--har'
  if (words.app === undefined && (words.path.length > 0 || words.har !== undefined))
    throw usageError(
      `${flag} is about an application of yours.`,
      'Add --app FILE:callable, or say with --workload what is asked of the lab’s own.',
    )
  const chosen = chosenApplication(words, room, say)
  return chosen.says ? chosen : undefined
}

/** Its requests as a workload. */
export function ownWorkload({ says, up, requests }: ChosenApplication): Workload {
  const [first] = requests
  return {
    name: 'own',
    title: 'Your application',
    says: `${named(requests)} of ${says!.name}: what your own application comes to.`,
    content: 'own',
    application: up.application,
    path: first.path,
    loop: { kind: 'closed', connections: CONNECTIONS },
    // A URL's own spelling of one path may differ; in a mix it is sent as it was written.
    ...(requests.length > 1 || !isPlain(first.path) ? { mix: requests } : {}),
  }
}

function named(requests: Requests): string {
  if (requests.length === 1) return `GET ${requests[0].path}`
  const most = requests.toSorted((one, other) => other.share - one.share)
  const shown = most.slice(0, NAMED).map(({ path, share }) => `${path} (${Math.round(share * 100)} %)`)
  const rest = most.length - shown.length
  return `GET ${shown.join(', ')}${rest > 0 ? ` and ${rest} more paths` : ''}`
}

function isPlain(path: string): boolean {
  const { pathname, search } = new URL(path, 'http://host')
  return pathname + search === path
}
