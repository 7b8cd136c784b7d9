import { engine, type Engine } from '../topologies/runtimes/containers/engine.ts'
import { imageId } from '../topologies/runtimes/containers/images.ts'
import { LabError } from '../topologies/runtimes/lab-error.ts'

/** The machine's engine for tests, or why they cannot use it. */
interface TestedEngine {
  readonly engine?: Engine
  readonly why?: string
}

/**
 * The engine, if it answers and has these images. Otherwise tests of containers are skipped, and that is said loudly:
 * what is skipped is not tested.
 */
export async function testedEngine(...images: readonly string[]): Promise<TestedEngine> {
  const found = await engine().catch((error: unknown) => {
    if (error instanceof LabError) return error
    throw error
  })
  if (found instanceof LabError) return skip(found.message.split('\n')[0]!)
  for (const image of images) {
    if (!(await imageId(found.docker, image)))
      return skip(`The image ${image} is not there; npm run base-image -- ${image} makes it.`)
  }
  return { engine: found }
}

function skip(why: string): TestedEngine {
  sayLoudly(`tests of containers. ${why}`)
  return { why }
}

/** Says what is skipped where nobody can miss it. */
export function sayLoudly(skipped: string): void {
  process.stderr.write(`\n*** SKIPPED: ${skipped} ***\n\n`)
}
