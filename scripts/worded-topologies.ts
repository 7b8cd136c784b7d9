import type { Topology } from '../topologies/index.ts'
import { chosenTopologies } from './options.ts'

/**
 * The topologies that the words of a script ask for: topologies by their names (all when none is named), and servers to
 * be put into them as `role=name`.
 */
export function wordedTopologies(words: readonly string[]): Promise<readonly Topology[]> {
  return chosenTopologies(
    words.filter((word) => !word.includes('=')),
    words.filter((word) => word.includes('=')),
  )
}
