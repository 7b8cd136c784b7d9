import type { ApplicationWords, Requests } from './index.ts'
import { usageError } from '../choices.ts'
import { recordedRequests } from './har.ts'
import { requestTarget } from './request-target.ts'
import { userPath } from '../save.ts'

/** What is asked of the lab's own application where no path is named. */
const LAB_PATH = '/time'

/** What is asked for: the paths that were named, equally often; or what was recorded, as often as there. */
export function chosenRequests(
  { app, path, har }: Pick<ApplicationWords, 'app' | 'path' | 'har'>,
  say: (line: string) => void,
): Requests {
  if (har !== undefined) {
    if (path.length > 0) throw usageError('--path and --har both say what is asked for.', 'Leave one of them out.')
    return recordedRequests(userPath(har), say)
  }
  const otherwise = app === undefined ? LAB_PATH : '/'
  const [first = otherwise, ...others] = [...new Set(path)].map(requestTarget)
  const share = 1 / (1 + others.length)
  return [{ share, path: first }, ...others.map((each) => ({ share, path: each }))]
}
