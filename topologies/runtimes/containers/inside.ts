import { getContainerRuntimeClient } from 'testcontainers'
import { parse, type Process } from '../processes.ts'
import type { Container } from './files.ts'

/**
 * A look at a container from inside, by a shell of its own user: what works on every engine, and for a lab that may not
 * look into other users' processes. It costs some 50 ms, so never during a load.
 */
export interface Inside {
  readonly processes: readonly Process[]
  readonly cpuSeconds: number
  /** Null where the kernel does not show it for every process. */
  readonly pssBytes: number | null
  readonly cgroupBytes?: number
}

/** Only builtins of the shell, so that it starts no process that would be counted. */
const LOOK = `exec 2>/dev/null
cd /sys/fs/cgroup
read -r name value < cpu.stat && [ "$name" = usage_usec ] && echo "cpu $value"
for file in cpuacct/cpuacct.usage cpu,cpuacct/cpuacct.usage; do read -r value < $file && echo "cpu $((value / 1000))" && break; done
for file in memory.current memory/memory.usage_in_bytes; do read -r value < $file && echo "memory $value"; done
for process in /proc/[0-9]*; do
  [ $process = /proc/$$ ] && continue
  read -r stat < $process/stat && echo "stat $stat"
  while read -r name value unit; do [ "$name" = Pss: ] && echo "pss $value"; done < $process/smaps_rollup
done
true`

/** Looks at a running container. */
export async function lookInside(container: Container): Promise<Inside> {
  const client = (await getContainerRuntimeClient()).container
  const lines = (await client.exec(container, ['sh', '-c', LOOK])).stdout.split('\n')
  const all = (name: string) =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
  const processes = all('stat')
    .map(parse)
    .filter(({ state }) => state !== 'Z')
  const pss = all('pss').map(Number)
  const memory = all('memory')[0]
  return {
    processes,
    cpuSeconds: Number(all('cpu')[0] ?? 0) / 1e6,
    pssBytes:
      processes.length === 0 || pss.length < processes.length
        ? null
        : pss.reduce((sum, kilobytes) => sum + kilobytes * 1024, 0),
    ...(memory === undefined ? {} : { cgroupBytes: Number(memory) }),
  }
}
