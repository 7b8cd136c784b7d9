/** Exit codes of the lab: what a caller may rely on. */
export const EXIT = { ok: 0, breach: 1, usage: 2, environment: 3, inconclusive: 4, interrupted: 130 } as const

/** Something the user can act on: what happened and what to do. Printed without a stack. */
export class LabError extends Error {
  override name = 'LabError'
  readonly exitCode: number

  constructor(happened: string, todo: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(`${happened}\n${todo}`, options.cause === undefined ? undefined : { cause: options.cause })
    this.exitCode = options.exitCode ?? EXIT.environment
  }
}
