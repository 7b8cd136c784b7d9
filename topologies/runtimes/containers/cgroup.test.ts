import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cgroupFolder, cgroupIn, cgroupOf } from './cgroup.ts'

const ID = 'f3beb2ffe4ab0123456789abcdef0123456789abcdef0123456789abcdef0123'

test.each([
  [
    'version 2 with systemd (Debian 11 and newer)',
    `0::/system.slice/docker-${ID}.scope\n`,
    'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate 0 0\n',
    { folder: `/sys/fs/cgroup/system.slice/docker-${ID}.scope`, version: 2 },
  ],
  [
    'version 1, the controllers mounted together',
    `5:memory:/docker/${ID}\n4:cpu,cpuacct:/docker/${ID}\n1:name=systemd:/docker/${ID}\n0::/system.slice/containerd.service\n`,
    'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\ncgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,cpu,cpuacct 0 0\n',
    { folder: `/sys/fs/cgroup/cpu,cpuacct/docker/${ID}`, version: 1 },
  ],
  [
    'version 1, each controller by itself',
    `2:cpuacct:/docker/${ID}\n1:cpu:/docker/${ID}\n`,
    'cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0\ncgroup /sys/fs/cgroup/cpuacct cgroup rw,relatime,cpuacct 0 0\n',
    { folder: `/sys/fs/cgroup/cpuacct/docker/${ID}`, version: 1 },
  ],
  ['a hierarchy that is not mounted here', `0::/docker/${ID}\n`, 'proc /proc proc rw 0 0\n', undefined],
])('%s', (_, memberships, mounts, expected) => {
  expect(cgroupFolder(memberships, mounts)).toEqual(expected)
})

test('CPU time and processes are read alike from both versions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cgroup-'))
  writeFileSync(join(folder, 'cgroup.procs'), '17\n4711\n')
  writeFileSync(join(folder, 'cpuacct.usage'), '1250000000\n')
  writeFileSync(join(folder, 'cpu.stat'), 'usage_usec 1250000\nuser_usec 1000000\nsystem_usec 250000\n')
  for (const version of [1, 2] as const) {
    const cgroup = cgroupIn({ folder, version })
    expect(cgroup.cpuSeconds()).toBe(1.25)
    expect(cgroup.pids()).toEqual([17, 4711])
  }
  rmSync(folder, { recursive: true })
})

test('a process that is not the container’s is never taken for it', () => {
  expect(cgroupOf(process.pid, ID)).toBeUndefined()
  expect(cgroupOf(2 ** 22 + 1, ID)).toBeUndefined()
})
