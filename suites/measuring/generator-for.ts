import { EXIT, LabError } from '../../topologies/runtimes/lab-error.ts'
import type { Generator, Load } from '../generators/index.ts'

/** What is taken when no generator is named: the first that can produce the load. pacer can produce every one. */
const PREFERRED = ['autocannon', 'pacer'] as const

/** The generator for a load: the one that was asked for, else autocannon for closed loops that it can produce, else pacer. */
export async function generatorFor(load: Omit<Load, 'url'>, asked?: string): Promise<Generator> {
  if (asked !== undefined) {
    const generator = await named(asked)
    const why = refusal(generator, load)
    if (why === undefined) return generator
    const able = await firstAble(load)
    throw new LabError(
      `The generator ${asked} cannot produce this load: ${why}.`,
      able ? `Use --generator ${able.name}, or leave it out.` : 'No other can either.',
      { exitCode: EXIT.usage },
    )
  }
  const able = await firstAble(load)
  if (able) return able
  throw new LabError('No generator can produce this load.', 'See what they can do: npm run lab -- list generators.', {
    exitCode: EXIT.usage,
  })
}

async function firstAble(load: Omit<Load, 'url'>): Promise<Generator | undefined> {
  for (const name of PREFERRED) {
    const generator = await named(name)
    if (refusal(generator, load) === undefined) return generator
  }
  return undefined
}

/** An entry of the catalogue `suites/generators`. */
async function named(name: string): Promise<Generator> {
  const { default: generator } = (await import(`../generators/${name}.ts`)) as { default: Generator }
  return generator
}

/** Why a generator cannot produce a load, as the end of a sentence; undefined when it can. */
function refusal(generator: Generator, load: Omit<Load, 'url'>): string | undefined {
  return generator.loops.includes(load.loop.kind)
    ? generator.refuses?.(load)
    : `of loops it knows only ${generator.loops.join(' and ')}, not ${load.loop.kind}`
}
