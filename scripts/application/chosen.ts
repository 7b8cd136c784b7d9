import { usageError } from '../choices.ts'
import { userPath } from '../save.ts'
import type { Scratch } from '../../topologies/runtimes/scratch.ts'
import type { ApplicationWords, ChosenApplication } from './index.ts'
import { bytecodeFolder, mounted } from './mounted.ts'
import { ownApplication } from './own-application.ts'
import { chosenRequests } from './requests.ts'
import { requirementsFile } from './requirements-file.ts'
import { staticFiles } from './static-files.ts'

/** The application of the lab's that is asked where a user names none. */
export const LAB_APPLICATION = 'pages'

/**
 * Reads the words about an application; what is wrong with them is a usage error. `room` keeps its bytecode; `say` is told what is
 * left out of a recording. Before it is brought up it is made ready on a runtime (`readyOn`).
 */
export function chosenApplication(
  words: ApplicationWords,
  room: Pick<Scratch, 'directory'>,
  say: (line: string) => void,
): ChosenApplication {
  const { app, requirements } = words
  const requests = chosenRequests(words, say)
  if (app === undefined) {
    refuseMeaningless(words)
    return { says: undefined, up: { application: LAB_APPLICATION, environment: {} }, requests }
  }
  const own = ownApplication({ ...words, app })
  const statics = staticFiles(words.static)
  return {
    says: {
      name: app,
      ...(words.pythonPath.length > 0 ? { pythonPath: [...words.pythonPath] } : {}),
      ...(requirements === undefined ? {} : { requirements }),
      ...(statics.length > 0 ? { statics: statics.map(({ typed, prefix }) => ({ directory: typed, prefix })) } : {}),
      ...(words.env.length > 0 ? { variables: Object.keys(own.variables) } : {}),
    },
    up: mounted(own, statics, bytecodeFolder(room)),
    ...(requirements === undefined ? {} : { requirements: requirementsFile(userPath(requirements)) }),
    requests,
  }
}

/** Words without effect would look as if they had one. */
function refuseMeaningless(words: ApplicationWords): void {
  const about = [
    ['--static', words.static[0]],
    ['--requirements', words.requirements],
    ['--python-path', words.pythonPath[0]],
    ['--env', words.env[0]],
  ].find(([, given]) => given !== undefined)
  if (about) throw usageError(`${about[0]} is about an application of yours.`, 'Add --app FILE:callable.')
}
