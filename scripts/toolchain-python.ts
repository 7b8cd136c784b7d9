import { topologies } from './catalogue.ts'
import { toolchainFor } from './runtime.ts'

/** The toolchain's Python, for tests: the machine itself may have none. */
export async function toolchainPython(): Promise<{ readonly python: string; readonly env: Record<string, string> }> {
  const { root, environment } = await toolchainFor('private', await topologies(), () => {})
  return { python: `${root}/usr/bin/python3`, env: { ...environment, PYTHONDONTWRITEBYTECODE: '1' } }
}
