import type { Tier } from '../../../topologies/index.ts'
import type { AppServer } from '../../../topologies/servers/index.ts'
import { applicationAt, entryFiles, servesOwnFiles } from '../entry.ts'
import { environmentFile } from '../environment-file.ts'
import { placed, type Placed } from '../placed.ts'
import { commented, htmlComment } from '../provenance.ts'
import { namesPackage, writtenRequirements } from '../requirement-files.ts'
import { shellWord } from '../shell.ts'
import type { Exported, Format } from './index.ts'

/** What of a server's command line is another where pip has installed it: the program, and the package with a version that is kept up. */
const FROM_PIP: Readonly<Record<string, { readonly command: string; readonly requires: readonly string[] }>> = {
  'gunicorn/sync': { command: 'gunicorn', requires: ['gunicorn>=23.0'] },
  'gunicorn/gthread': { command: 'gunicorn', requires: ['gunicorn>=23.0'] },
  'gunicorn/gevent': { command: 'gunicorn', requires: ['gunicorn>=23.0', 'gevent'] },
  'waitress/threads': { command: 'waitress-serve', requires: ['waitress>=3.0'] },
  'cheroot/threads': { command: 'cheroot', requires: ['cheroot'] },
}
/** Stands for the port while the command line is made: `$PORT` is the platform's. */
const PORT = 65_001

export default {
  name: 'procfile',
  says: 'A Procfile, requirements.txt and a copy of the application, for a platform that runs it behind a router of its own.',
  prefers: ({ tiers: [first, ...others] }) =>
    others.length === 0 && Object.hasOwn(FROM_PIP, `${first!.server}/${first!.variant}`),
  refuses: ({ topology }) => {
    const { server, variant } = topology.tiers.at(-1)!
    return FROM_PIP[`${server.name}/${variant}`]
      ? undefined
      : `${server.title} cannot be installed by pip alone, as platforms with a Procfile do it.`
  },
  warns,
  files: (exported) => {
    const alone = withoutOuterTiers(exported)
    const { provenance, variables, result } = exported
    const head = commented('#', [...provenance, ...warns(exported)])
    const serving = [...fromPip(exported).requires, ...(servesOwnFiles(alone) ? ['whitenoise>=6.2'] : [])]
    // Whoever names one already has a version in mind.
    const wanted = serving.filter((each) => !namesPackage(exported, /^\w+/.exec(each)![0]))
    const python = /Python (\d+\.\d+)/.exec(result.origin)?.[1]
    return [
      { path: 'Procfile', text: `${head}\nweb: ${commandLine(alone)}\n` },
      ...writtenRequirements(exported, wanted),
      ...(python === undefined
        ? []
        : [{ path: '.python-version', text: `${head}\n# It was measured with this one.\n${python}\n` }]),
      ...entryFiles(alone),
      ...(Object.keys(variables).length > 0 ? [environmentFile(exported, '.env')] : []),
      { path: 'README.md', text: readme(exported) },
    ]
  },
} satisfies Format

const fromPip = ({ topology }: Exported) => {
  const { server, variant } = topology.tiers.at(-1)!
  return FROM_PIP[`${server.name}/${variant}`]!
}

/** The application's server alone: what stands in front of it is the platform's. */
function withoutOuterTiers(exported: Exported): Exported {
  const app = exported.topology.tiers.at(-1) as Tier<AppServer>
  return { ...exported, topology: { ...exported.topology, tiers: [app] } }
}

function warns({ topology, packages }: Exported): readonly string[] {
  const outer = topology.tiers.slice(0, -1).map(({ server }) => server.title)
  const [they, them] = outer.length > 1 ? ['They were', 'them'] : ['It was', 'it']
  return [
    ...(outer.length > 0
      ? [
          `A Procfile brings no ${outer.join(' and no ')}. ${they} part of what was planned, so these figures do not hold without ${them}: export app-server for figures that do.`,
        ]
      : []),
    ...(packages.length > 0
      ? [`pip knows no Debian packages: see that requirements.txt has what is in ${packages.join(', ')}.`]
      : []),
  ]
}

function commandLine(exported: Exported): string {
  const application = applicationAt('.', exported)
  const [{ launch, tier }] = placed(exported.topology, {
    host: () => '0.0.0.0',
    // A platform's router is the only way in, and says what clients asked for.
    trusted: ['*'],
    port: () => PORT,
    directory: () => '.',
    cpus: () => 1,
    root: '',
    triplet: '',
    application,
    workers: exported.size.workers,
    threads: exported.size.threads,
  }) as [Placed]
  // Without `python3 -m NAME`.
  const words = [fromPip(exported).command, ...launch.argv.slice(3)]
  const line = words.map(shellWord).join(' ').replaceAll(`:${PORT}`, ':$PORT')
  // The others know no option for the folder of the application.
  return tier.server.name === 'gunicorn' ? line : `cd ${application.directory} && PYTHONPATH=. exec ${line}`
}

function readme(exported: Exported): string {
  const { name, provenance, variables } = exported
  const named = Object.keys(variables)
  return `${htmlComment(provenance)}
# ${name} on a platform with a Procfile

${warns(exported)
  .map((warning) => `**${warning}**\n\n`)
  .join(
    '',
  )}Put this folder under version control${named.length > 0 ? ' (without `.env`)' : ''} and push it to the platform: one dyno or instance for each machine of the plan.
${named.length > 0 ? `Give it the variables ${named.join(', ')} by the platform's own means.\n` : ''}
The platform's router is believed when it says that a client came by TLS (\`X-Forwarded-Proto\`): let nobody reach it past that router.

On your own machine:

    python3 -m venv .venv && .venv/bin/pip install -r requirements.txt
    PATH=$PWD/.venv/bin:$PATH PORT=8080 sh -c "$(sed -n 's/^web: //p' Procfile)"
`
}
