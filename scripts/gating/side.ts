import type { GateSide } from '../../reports/run.ts'
import type { Topology } from '../../topologies/index.ts'
import type { UpOptions } from '../../topologies/runtimes/index.ts'
import type { Mounted } from '../application/index.ts'

/** One of the two variants that a gate compares, as it is to be brought up. */
export interface Side extends Mounted {
  readonly topology: Topology
  /** Absolute path of a user's file of packages for pip. */
  readonly requirements?: string
  /** Lines of configuration by the role of the tier. */
  readonly lines: NonNullable<UpOptions['lines']>
  /** What a report says of it beside its tiers. */
  readonly says: Pick<GateSide, 'application' | 'ref'>
}
