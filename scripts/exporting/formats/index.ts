import type { Size } from '../../../reports/planning/planned.ts'
import type { Result } from '../../../reports/run.ts'
import type { Topology } from '../../../topologies/index.ts'
import type { Carried } from '../carried.ts'

/** A planned topology with an application, as any format needs it. */
export interface Exported {
  /** Lower-case letters, digits and hyphens: names services, images and folders. */
  readonly name: string
  /** The run's id as a tag of images. */
  readonly tag: string
  readonly topology: Topology
  readonly result: Result
  readonly size: Size
  /** Machines that may fail. */
  readonly spare: number
  /** Cores of a machine. */
  readonly cores: number
  readonly application: Carried
  /** Files of packages for pip by their names, `requirements.txt` and what it includes. */
  readonly requirements: Readonly<Record<string, string>> | undefined
  /** Variables of the application; undefined where the value is not known here. */
  readonly variables: Readonly<Record<string, string | undefined>>
  /** Debian packages of the application's, beside those of the servers. */
  readonly packages: readonly string[]
  /** The image that images are built from: of the release on which it was measured. */
  readonly base: string
  /** What is asked for to see whether it is well. */
  readonly healthPath: string
  /** Where its figures come from and what they are, a line each. */
  readonly provenance: readonly string[]
}

/** A file of an export. */
export interface ExportedFile {
  /** Below the export's folder. */
  readonly path: string
  readonly text: string
  readonly mode?: number
}

/** A form in which a planned topology can be had: a pure function of it. */
export interface Format {
  /** The file's name: `compose` for `compose.ts`. */
  readonly name: string
  /** What comes out, in one sentence. */
  readonly says: string
  /** Topologies that it can hold whole, where that matters. */
  prefers?(result: Result): boolean
  /** Why a topology cannot be had in this form; undefined where it can. */
  refuses?(exported: Exported): string | undefined
  /** What it cannot say, and whoever uses it must know. */
  warns?(exported: Exported): readonly string[]
  files(exported: Exported): readonly ExportedFile[]
}
