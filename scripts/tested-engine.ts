import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { DEFAULT_BASE } from '../topologies/runtimes/base.ts'
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

/** Why tests cannot bring `what` up with Docker Compose; undefined where they can. */
export async function whyNoCompose(what: string): Promise<string | undefined> {
  const { why } = await testedEngine(DEFAULT_BASE)
  if (why) return why
  const found = await promisify(execFile)('docker', ['compose', 'version']).catch(() => null)
  if (found) return undefined
  const missing = 'there is no docker compose command (Debian 13: apt-get install docker-compose)'
  sayLoudly(`${what} is not brought up: ${missing}`)
  return missing
}

function skip(why: string): TestedEngine {
  sayLoudly(`tests of containers. ${why}`)
  return { why }
}

/** Says what is skipped where nobody can miss it. */
export function sayLoudly(skipped: string): void {
  process.stderr.write(`\n*** SKIPPED: ${skipped} ***\n\n`)
}
