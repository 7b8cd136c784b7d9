import { execFile, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { median } from '../reports/statistics.ts'
import type { Deployment, Service } from '../topologies/runtimes/index.ts'
import { DEFAULT_BASE, ownBase } from '../topologies/runtimes/base.ts'
import { LabError } from '../topologies/runtimes/lab-error.ts'
import { native } from '../topologies/runtimes/native.ts'
import { ofSession } from '../topologies/runtimes/processes.ts'
import { statusOf } from '../topologies/runtimes/ready.ts'
import { SERVICE_USER } from '../topologies/runtimes/service-user.ts'
import type { Toolchain } from '../topologies/runtimes/toolchain.ts'
import type { Topology } from '../topologies/index.ts'
import { ROOT, topologies } from './catalogue.ts'
import { interruption } from './interrupt.ts'
import { runOptions } from './options.ts'
import { performRun } from './run.ts'
import { runtimesFor, toolchainFor } from './runtime.ts'

/**
 * What the lab costs beside what it does: how much of a quick run was judging and measuring, how long topologies
 * take to come up beside the same servers started by hand and in containers, and how long `list` takes. Ratios are made of pairs
 * measured one after the other; absolute times hold for this machine and moment only.
 */

const PAIRS = 7
const LISTS = 5
const run = promisify(execFile)
const signal = interruption()
const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(2)
const range = (values: readonly number[], digits = 2) =>
  `${median([...values]).toFixed(digits)} (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`

async function quickRun(topology: Topology): Promise<void> {
  const began = performance.now()
  const words = {
    topology: [topology.name],
    server: [],
    suite: [],
    clause: [],
    workload: [],
    profile: 'quick',
    toolchain: 'private',
  } as const
  const options = await runOptions({
    ...words,
    runtime: ['native'],
    base: DEFAULT_BASE,
    generator: 'autocannon',
    workers: 2,
    threads: 4,
    cpus: 1,
    conformance: true,
    load: true,
    json: true,
  })
  const { failures } = await performRun(options, [], () => `${ROOT}/reports/runs/bench-overhead`, signal)
  if (failures.length > 0) throw failures[0]
  const wall = performance.now() - began
  const spent = (name: string) => performance.getEntriesByName(name).reduce((sum, entry) => sum + entry.duration, 0)
  const judging = spent('judging')
  const measuring = spent('measuring')
  console.log(`Quick run of ${topology.name}: ${seconds(wall)} s, of which`)
  console.log(`  judging    ${seconds(judging)} s (${((judging / wall) * 100).toFixed(0)} %)`)
  console.log(`  measuring  ${seconds(measuring)} s (${((measuring / wall) * 100).toFixed(0)} %), warm-up included`)
  console.log(
    `  the rest   ${seconds(wall - judging - measuring)} s: starting and stopping servers, starting generators\n`,
  )
}

/** Starts what the lab started, as a careful script would: each server when the one behind it answers. */
async function byHand(services: readonly Service[], toolchain: Toolchain): Promise<number> {
  const began = performance.now()
  const started: number[] = []
  for (const service of services.toReversed()) {
    const [program, ...words] = service.argv
    const child = spawn(program!, words, {
      cwd: service.directory,
      detached: true,
      stdio: 'ignore',
      ...SERVICE_USER,
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: service.directory,
        TMPDIR: service.directory,
        PYTHONPATH: `${service.directory}/../../apps`,
        PYTHONDONTWRITEBYTECODE: '1',
        ...toolchain.environment,
      },
    })
    started.push(child.pid!)
    while (((await statusOf(service.address, 1000)) ?? 500) >= 500) await sleep(5)
  }
  const took = performance.now() - began
  for (const pid of started.toReversed()) {
    process.kill(-pid, 'SIGTERM')
    for (let waited = 0; ofSession(pid).length > 0; waited += 20) {
      if (waited > 3000) process.kill(-pid, 'SIGKILL')
      await sleep(20)
    }
  }
  return took
}

async function bringUps(all: readonly Topology[]): Promise<void> {
  const toolchain = await toolchainFor('private', all, () => {}, signal)
  await using runtime = await native(toolchain, `${ROOT}/apps`)
  console.log(
    `Bring-up in seconds, median (range) of ${PAIRS} pairs:        lab                   by hand               lab / by hand`,
  )
  for (const topology of all) {
    const lab: number[] = []
    const hand: number[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      let services: Deployment['services']
      {
        await using deployment = await runtime.up(topology, { application: 'pages', workers: 2, threads: 4, signal })
        lab.push(deployment.bringUpSeconds)
        services = deployment.services
      }
      hand.push((await byHand(services, toolchain)) / 1000)
    }
    const ratios = lab.map((value, pair) => value / hand[pair]!)
    console.log(`  ${topology.name.padEnd(44)} ${range(lab).padEnd(21)} ${range(hand).padEnd(21)} ${range(ratios)}`)
  }
  console.log(
    '  The lab also waits until all workers are up and idle; by hand, the first answer through the edge is enough.\n',
  )
}

/** The same topologies in containers of the machine's own release, whose images are there already. */
async function bringUpsInContainers(all: readonly Topology[]): Promise<void> {
  const choice = { toolchain: 'private', docker: { base: ownBase() } } as const
  const where = { ...choice, runtimes: ['native', 'docker'] } as const
  const prepared = await runtimesFor(where, all, () => {}, signal).catch((error: unknown) => {
    if (error instanceof LabError) return console.log(`Bring-up in containers: not measured. ${error.message}\n`)
    throw error
  })
  if (!prepared) return
  console.log(
    `Bring-up in seconds, median (range) of ${PAIRS} pairs:        native                docker                docker / native`,
  )
  for (const topology of all) {
    const [native, docker]: [number[], number[]] = [[], []]
    for (let pair = 0; pair < PAIRS; pair++) {
      for (const [index, runtime] of prepared.runtimes.entries()) {
        await using deployment = await runtime.up(topology, { application: 'pages', workers: 2, threads: 4, signal })
        ;[native, docker][index]!.push(deployment.bringUpSeconds)
      }
    }
    const ratios = docker.map((value, pair) => value / native[pair]!)
    console.log(
      `  ${topology.name.padEnd(44)} ${range(native).padEnd(21)} ${range(docker).padEnd(21)} ${range(ratios)}`,
    )
  }
  console.log('  Images are built beforehand and not counted.\n')
  for (const runtime of prepared.runtimes) await runtime[Symbol.asyncDispose]()
}

async function lists(): Promise<void> {
  const times: number[] = []
  for (let index = 0; index < LISTS; index++) {
    const began = performance.now()
    await run('npm', ['run', '--silent', 'lab', '--', 'list'], { cwd: ROOT })
    times.push((performance.now() - began) / 1000)
  }
  console.log(`npm run lab -- list, warm: ${range(times)} s, median (range) of ${LISTS}`)
}

const all = await topologies()
await quickRun(all.find((topology) => topology.name === 'three-tier')!)
await bringUps(all)
await bringUpsInContainers(all)
await lists()
process.exit(0)
