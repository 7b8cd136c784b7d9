import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { $, type ProcessPromise } from 'zx'
import { DEFAULT_BASE } from '../topologies/runtimes/base.ts'
import { engine, LABEL, type Docker } from '../topologies/runtimes/containers/engine.ts'
import { followed, imageId, pullImage } from '../topologies/runtimes/containers/images.ts'
import { EXIT, LabError } from '../topologies/runtimes/lab-error.ts'
import { scratch } from '../topologies/runtimes/scratch.ts'
import { usageError } from './choices.ts'
import { interruption } from './interrupt.ts'

/**
 * `npm run base-image [-- NAME]` sees to it that the engine has the image which the docker runtime builds its servers'
 * images from. Where no registry can be reached, debootstrap makes it from the distribution's packages.
 */

const SUITES = '/usr/share/debootstrap/scripts'
const signal = interruption()
const say = (line: string) => process.stderr.write(`base-image: ${line}\n`)
// Administrators' programs are not on everybody's PATH, and the machine's TMPDIR is not in the image.
const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin`, TMPDIR: '/tmp', LC_ALL: 'C' }
// The image's files are for everybody in it, whatever this user's files are.
process.umask(0o022)
const run = $({ env, quiet: true, nothrow: true, detached: true })

/** What went wrong with a command, if anything did. All of it is killed when the script is asked to end. */
async function failure(command: ProcessPromise): Promise<string | undefined> {
  const kill = () => {
    try {
      process.kill(-command.pid!, 'SIGKILL')
    } catch {
      // It has just ended.
    }
  }
  signal.addEventListener('abort', kill)
  // Settles when nothing of the command runs any more: all of it holds the output open.
  const { exitCode, stdall } = await command
  signal.removeEventListener('abort', kill)
  signal.throwIfAborted()
  // debootstrap's last word may be a log that is removed with the folder.
  const lines = stdall.split('\n').filter((line) => line.trim() && !line.startsWith('W: See '))
  return exitCode === 0 ? undefined : (lines.at(-1) ?? `exit code ${exitCode}`).trim()
}

/** Adds updates and security fixes to apt's sources as the official images have them, unless apt finds none there. */
async function addUpdates(root: string, distribution: string, suite: string, keyring: string): Promise<void> {
  const update = () => failure(run`chroot ${root} apt-get --option=APT::Update::Error-Mode=any update`)
  const release = join(root, 'etc/apt/sources.list')
  const all = join(root, `etc/apt/sources.list.d/${distribution}.sources`)
  const text = existsSync(release) ? readFileSync(release, 'utf8') : ''
  const [, archive, host] = /^deb ((https?:\S+?)\/[\w-]+) /m.exec(text) ?? []
  if (archive) {
    // Ubuntu's security fixes are beside the release, and half of the servers are in its universe.
    const debian = distribution === 'debian'
    const stanza = (uri: string, suites: string) =>
      `Types: deb\nURIs: ${uri}\nSuites: ${suites}\nComponents: main${debian ? '' : ' universe'}\nSigned-By: ${keyring}\n`
    const security = stanza(debian ? `${host}/debian-security` : archive, `${suite}-security`)
    writeFileSync(all, `${stanza(archive, `${suite} ${suite}-updates`)}\n${security}`)
    rmSync(release)
    if (!(await update())) return
    say('apt finds no updates for it and keeps to the release itself')
    rmSync(all)
    writeFileSync(release, text)
  }
  const failed = await update()
  if (failed) throw new LabError(`apt does not work in the image: ${failed}`, 'Check the network and try again.')
}

/** Makes the image in a scratch folder, of which nothing is left in the end. */
async function make(docker: Docker, name: string, distribution: string, suite: string): Promise<void> {
  if (!existsSync(SUITES)) {
    throw new LabError('Making the image needs debootstrap.', 'Install it: apt-get install debootstrap.')
  }
  if (process.getuid?.() !== 0) {
    throw new LabError('Making the image needs root.', 'Run the same command as root, once; the image stays.')
  }
  const keyring = `/usr/share/keyrings/${distribution}-archive-keyring.gpg`
  const script = join(SUITES, suite)
  if (!existsSync(script) || !readFileSync(script, 'utf8').includes(keyring)) {
    throw usageError(`debootstrap knows no ${suite} of ${distribution} here.`, `Choose one of those in ${SUITES}.`)
  }
  const folder = scratch()
  const [root, file] = [join(folder.directory, 'root'), join(folder.directory, 'image.tar')]
  try {
    say('debootstrap makes it from packages (a minute or two) ...')
    // What debootstrap starts and mounts is in namespaces of its own and ends with it. Without --force-check-gpg it
    // would go on unchecked where the distribution's keyring is missing.
    const bootstrap = run`unshare --mount --pid --fork --kill-child debootstrap --force-check-gpg --variant=minbase --include=ca-certificates ${suite} ${root}`
    folder.note(bootstrap.pid!)
    const failed = await failure(bootstrap)
    if (failed) {
      throw new LabError(
        `debootstrap failed: ${failed}`,
        `See to it (a missing keyring is in the package ${distribution}-archive-keyring or ${distribution}-keyring), ` +
          'or bring the image from a machine that has it: docker save there, docker load here.',
      )
    }
    // As in the official images: packages do not start their services while an image is built.
    writeFileSync(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 })
    await addUpdates(root, distribution, suite, keyring)
    say('packing and importing it ...')
    // The engine brings devices, a hostname and a resolv.conf of its own; those here are the machine's.
    const unpacked = await failure(run`cd ${root} && find var/cache/apt var/lib/apt/lists var/log -type f -delete &&
      tar --create --file=${file} --numeric-owner --exclude='./dev/*' --exclude=./etc/hostname --exclude=./etc/resolv.conf .`)
    if (unpacked) throw new LabError(`The image could not be packed: ${unpacked}`, 'Free some space, or set TMPDIR.')
    const changes = ['CMD ["bash"]', `LABEL ${LABEL}=base`]
    const [repo, tag] = name.split(':')
    const importing = await docker.importImage(file, { repo, tag, changes, abortSignal: signal })
    const { error } = await followed(docker, importing)
    if (error) throw new Error(error)
    say(`${name} is made`)
  } finally {
    // A removal must not run through a mount: what is below could be the machine's own /proc.
    if (readFileSync('/proc/mounts', 'utf8').includes(` ${realpathSync(folder.directory)}/`)) {
      say(`something is mounted in ${folder.directory}: unmount it, then run npm run lab -- clean`)
    } else folder[Symbol.dispose]()
  }
}

async function main(words: readonly string[]): Promise<void> {
  const [name = DEFAULT_BASE] = words
  const [, distribution, suite] = /^(?=debian:[a-z]+-slim$|ubuntu:[a-z]+$)(\w+):([a-z]+)/.exec(name) ?? []
  if (!distribution || !suite || words.length > 1) {
    throw usageError(`"${words.join(' ')}" is no base image.`, `Give a name such as ${DEFAULT_BASE} or ubuntu:noble.`)
  }
  const { docker } = await engine()
  if (await imageId(docker, name)) return void say(`${name} is there already`)
  say(`pulling ${name} ...`)
  const why = await pullImage(docker, name, signal)
  signal.throwIfAborted()
  if (why === undefined) return void say(`${name} is pulled`)
  say(`it cannot be pulled: ${why}`)
  await make(docker, name, distribution, suite)
}

try {
  await main(process.argv.slice(2))
  process.exit(EXIT.ok)
} catch (error) {
  const happened = error instanceof LabError ? error.message : `The image was not made: ${String(error)}`
  process.stderr.write(`${signal.aborted ? 'Interrupted: the image was not made.' : happened}\n`)
  process.exit(signal.aborted ? EXIT.interrupted : error instanceof LabError ? error.exitCode : EXIT.environment)
}
