import { configured, type Configured } from './configured.ts'
import { applicationAt, entryFiles, packagesOf } from './entry.ts'
import type { Exported, ExportedFile } from './formats/index.ts'
import { cpusFor } from './limits.ts'
import { placed, type Place } from './placed.ts'
import { commented } from './provenance.ts'
import { writtenRequirements } from './requirement-files.ts'

/** Where things are in images: what a service writes, its configuration, the copy of the export, packages of pip's. */
export const IN_IMAGE = {
  service: '/srv/service',
  config: '/srv/config',
  base: '/srv',
  packages: '/srv/packages',
} as const
/** Debian's `nobody`: by its number, which Kubernetes can see is not root. */
export const NOBODY = 65534

/** The tiers as images of them are configured, at the addresses and ports that `place` gives them. */
export const tiersInImages = (
  exported: Exported,
  place: Pick<Place, 'host' | 'edge' | 'upstream' | 'defaultSource' | 'port'>,
): readonly Configured[] =>
  placed(exported.topology, {
    ...place,
    directory: () => IN_IMAGE.service,
    cpus: (role) => cpusFor(exported, role),
    ...{ root: '', triplet: '' },
    application: applicationAt(IN_IMAGE.base, exported),
    workers: exported.size.workers,
    threads: exported.size.threads,
  }).map((each) => configured(each, IN_IMAGE.config))

/** Name of a tier's image. */
export const imageOf = ({ name, tag }: Pick<Exported, 'name' | 'tag'>, role: string): string => `${name}-${role}:${tag}`

/** What images of the tiers are built from: the recipe, what is not sent to the engine, what pip installs, the application's entry. */
export function imageFiles(exported: Exported, tiers: readonly Configured[]): readonly ExportedFile[] {
  const head = commented('#', exported.provenance)
  return [
    { path: 'Dockerfile', text: dockerfile(exported, tiers) },
    { path: '.dockerignore', text: `${head}\n**/__pycache__\napp.env\nconfig\n*.md\n*.yml\n*.yaml\n` },
    ...writtenRequirements(exported),
    ...entryFiles(exported),
  ]
}

function dockerfile(exported: Exported, tiers: readonly Configured[]): string {
  const { application, provenance, base, requirements } = exported
  const code = [...application.folders.map(({ to }) => to), ...entryFiles(exported).map(() => 'entry')]
  const install = (packages: readonly string[]) =>
    `RUN apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${packages.join(' ')} \\
 && apt-get clean && rm -rf /var/lib/apt/lists/*`
  const inImage = (folder: string) => `${IN_IMAGE.base}/${folder}`
  const copy = (folder: string) => `COPY ${folder} ${inImage(folder)}`
  const own = {
    app: [
      ...code.map(copy),
      ...(requirements === undefined ? [] : [`COPY --from=packages ${IN_IMAGE.packages} ${IN_IMAGE.packages}`]),
      '# Bytecode, as far as it compiles: else each start would make it anew.',
      `RUN python3 -m compileall -q ${code.map(inImage).join(' ')} || true`,
    ],
    proxy: application.statics.map(({ directory }) => copy(directory)),
    cache: [],
    balancer: [],
  }
  const stages = tiers.map(({ role, launch }) =>
    [
      `FROM base AS ${role}`,
      install(packagesOf(exported, role)),
      ...own[role],
      `STOPSIGNAL ${launch.stop}`,
      `WORKDIR ${IN_IMAGE.service}`,
      `USER ${NOBODY}:${NOBODY}`,
    ].join('\n'),
  )
  const packages = `FROM base AS packages
${install(['python3', 'python3-pip', ...exported.packages])}
COPY requirements*.txt /srv/
RUN pip install --no-cache-dir --target ${IN_IMAGE.packages} -r /srv/requirements.txt`
  return `${commented('#', provenance)}
#
# An image for each tier (--target); docker-compose.yml and the manifests for Kubernetes say how it is started and configured.
# Built from the release on which it was measured: with another one, versions differ.
ARG BASE=${base}
FROM \${BASE} AS base
# Servers run as nobody and write only here.
RUN install -d -o nobody -g nogroup ${IN_IMAGE.service}

${[...(requirements === undefined ? [] : [packages]), ...stages.toReversed()].join('\n\n')}
`
}
