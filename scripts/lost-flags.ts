import { topologies } from './catalogue.ts'
import { usageError } from './choices.ts'

/** Options that npm takes for its own when the `--` before them was forgotten, and hands over in the environment. */
const FLAGS = [
  'app',
  'static',
  'har',
  'requirements',
  'base',
  'topology',
  'server',
  'suite',
  'profile',
  'runtime',
  'toolchain',
  'generator',
  'repeats',
  'out',
] as const

/** Refuses words that show that npm swallowed the flags: the lab would do something else than was asked. */
export async function refuseLostFlags(words: readonly string[]): Promise<void> {
  const names = (await topologies()).map((topology) => topology.name)
  const swallowed = FLAGS.find((flag) => process.env[`npm_config_${flag}`] !== undefined)
  if (swallowed !== undefined) {
    const given = process.env[`npm_config_${swallowed}`]
    const value = given === 'true' || given === '' ? (words[0] ?? '...') : given
    throw usageError(
      `npm kept --${swallowed} for itself.`,
      `Put -- before the lab's options: npm run lab -- --${swallowed} ${value}`,
    )
  }
  if (words.length > 0) {
    const known = words.filter((word) => names.includes(word))
    throw known.length > 0
      ? usageError(`"${known[0]}" is a topology, not a command.`, `Type: npm run lab -- --topology ${known.join(',')}`)
      : usageError(
          `There is no command "${words[0]}".`,
          'Commands are: list, up, conform, advise, lint, load, study, gate, plan, capacity, export, report, doctor, clean. Run npm run lab -- --help.',
        )
  }
}
