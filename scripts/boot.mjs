// Makes a fresh machine ready, then runs a TypeScript entry under the pinned Node. Plain JavaScript without
// dependencies, because it is what installs them; it must run on every Node from 20 on and under npm 9 to 12.
//
//   node scripts/boot.mjs ENTRY [ARGUMENT ...]

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const stampFile = join(modules, '.boot-stamp')
const lockFolder = join(root, '.boot-lock')
/** Packages and the pinned Node, unpacked. */
const SPACE_BYTES = 700e6
const EXIT_ENVIRONMENT = 3
let holdsLock = false

const [entry, ...words] = process.argv.slice(2)
if (entry === undefined)
  fail('boot.mjs needs an entry to run.', 'Use the scripts of package.json: npm run lab, npm test.')

if (!isInstalled()) await install()
run(pinnedNode(), [join(root, entry), ...words])

function wanted() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  return createHash('sha256').update(lock).update(`${process.platform} ${process.arch}`).digest('hex')
}

function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted()
}

async function install() {
  await takeLock()
  try {
    // Another first run may have installed while this one waited.
    if (isInstalled()) return
    const { bavail, bsize } = statfsSync(root)
    if (bavail * bsize < SPACE_BYTES) {
      fail(
        `The lab's packages need ${SPACE_BYTES / 1e6} MB in ${root}, and ${Math.floor((bavail * bsize) / 1e6)} MB are free.`,
        'Free some space.',
      )
    }
    process.stderr.write('gateway-lab: first run here, installing packages (half a minute, below node_modules) ...\n')
    const npm = process.env.npm_execpath
    const [program, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
    const { status, error } = spawnSync(
      program,
      // Scripts of packages are not needed, and a compiler for them may be missing.
      [
        ...first,
        'ci',
        '--ignore-scripts',
        '--include=dev',
        '--include=optional',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
      ],
      // npm's report is no part of what the entry prints.
      { cwd: root, env: environmentForNpm(), stdio: ['ignore', 2, 2] },
    )
    if (status !== 0) {
      fail(
        `npm could not install the lab's packages${error ? ` (${error.message})` : ''}.`,
        'Check the network and the message above, then run the same command again.',
      )
    }
    writeFileSync(stampFile, wanted())
  } finally {
    releaseLock()
  }
}

/** A production setting, or what this very `npm run` was given, must not leave packages out. */
function environmentForNpm() {
  const misleading =
    /^npm_config_(omit|only|also|include|production|optional|dev|dry_run|global|ignore_scripts|engine_strict|json)$/i
  const kept = Object.entries(process.env).filter(([name]) => !misleading.test(name))
  return { ...Object.fromEntries(kept), NODE_ENV: 'development' }
}

/** A folder can be made only once: who makes it has the lock. One whose owner is dead is taken away. */
async function takeLock() {
  const owner = join(lockFolder, 'owner')
  for (let told = false; ;) {
    try {
      mkdirSync(lockFolder)
      holdsLock = true
      writeFileSync(owner, String(process.pid))
      return
    } catch (error) {
      if (error.code !== 'EEXIST') {
        fail(
          `The checkout ${root} cannot be written (${error.code}).`,
          'Copy it to a folder of your own and run the command there.',
        )
      }
    }
    if (!told) process.stderr.write('gateway-lab: waiting for another first run to install the packages ...\n')
    told = true
    await sleep(300)
    if (existsSync(owner) && !isAlive(Number(readFileSync(owner, 'utf8'))))
      rmSync(lockFolder, { recursive: true, force: true })
  }
}

function releaseLock() {
  if (holdsLock) rmSync(lockFolder, { recursive: true, force: true })
  holdsLock = false
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Found by its package's folder: npm 9 makes no link for it in node_modules/.bin. */
function pinnedNode() {
  const pinned = join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(pinned)) return pinned
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  return fail(
    `There is no pinned Node for ${process.platform} ${process.arch}, and this one is ${process.version}.`,
    'Install Node 24 or newer and run the same command again.',
  )
}

function run(node, argv) {
  const child = spawn(node, argv, {
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: [dirname(node), join(modules, '.bin'), process.env.PATH].join(':'),
      // The lab ends when this process is gone, even if nothing could tell it so.
      LAB_BOOT_PID: String(process.pid),
    },
  })
  child.on('error', (error) =>
    fail(`Node could not be started: ${error.message}.`, `Remove ${modules} and run the same command again.`),
  )
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
  // npm killed outright tells nobody; then this process has another parent.
  const parent = process.ppid
  if (process.env.npm_lifecycle_event) {
    setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref()
  }
}

function fail(happened, todo) {
  process.stderr.write(`gateway-lab: ${happened}\n${todo}\n`)
  releaseLock()
  process.exit(EXIT_ENVIRONMENT)
}
