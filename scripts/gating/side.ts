import type { GateSide } from '../../reports/run.ts'
import type { Topology } from '../../topologies/index.ts'
import type { UpOptions } from '../../topologies/runtimes/index.ts'

/** One of the two variants that a gate compares, as it is to be brought up. */
export interface Side {
  readonly topology: Topology
  /** Name of the application in `apps/`, without `.py`. */
  readonly application: string
  /** Variables that the application finds in its process's environment. */
  readonly environment: Readonly<Record<string, string>>
  /** Lines of configuration by the role of the tier. */
  readonly lines: NonNullable<UpOptions['lines']>
  /** What a report says of it beside its tiers. */
  readonly says: Pick<GateSide, 'application' | 'ref'>
}
