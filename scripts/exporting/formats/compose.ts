import { answersAt } from '../checks.ts'
import { environmentOf, type Configured } from '../configured.ts'
import { environmentFile } from '../environment-file.ts'
import { imageFiles, imageOf, IN_IMAGE, tiersInImages } from '../images.ts'
import { limitsOf } from '../limits.ts'
import { commented, htmlComment } from '../provenance.ts'
import { yaml } from '../yaml.ts'
import type { Exported, ExportedFile, Format } from './index.ts'

/** Tiers trust each other by address, so these are fixed. */
const RANGE = '10.47.21'
const PORT = 8000

export default {
  name: 'compose',
  says: 'docker-compose.yml, a Dockerfile with an image for each tier, their configuration and a copy of the application.',
  files: (exported) => {
    const tiers = tiersOf(exported)
    return [
      { path: 'docker-compose.yml', text: composeFile(exported, tiers) },
      ...imageFiles(exported, tiers),
      ...tiers.flatMap(({ role, files }) => configurationFiles(exported, role, files)),
      ...(hasVariables(exported) ? [environmentFile(exported, 'app.env')] : []),
      { path: 'README.md', text: readme(exported) },
    ]
  },
} satisfies Format

const tiersOf = (exported: Exported): readonly Configured[] =>
  tiersInImages(exported, {
    host: (distance) => `${RANGE}.${11 + distance}`,
    upstream: (role) => role,
    port: () => PORT,
  })

const hasVariables = ({ variables }: Exported): boolean => Object.keys(variables).length > 0

function configurationFiles(
  { provenance }: Exported,
  role: string,
  files: Configured['files'],
): readonly ExportedFile[] {
  return Object.entries(files).map(([file, text]) => ({
    path: `config/${role}/${file}`,
    text: `${commented('#', provenance)}\n\n${text}`,
  }))
}

function composeFile(exported: Exported, tiers: readonly Configured[]): string {
  const { name, application, healthPath, provenance, topology } = exported
  const idOf = (role: string, file: string) => `${role}-${file.replace(/\W/g, '-')}`
  const configs = tiers.flatMap(({ role, files }) =>
    Object.keys(files).map((file) => [idOf(role, file), { file: `./config/${role}/${file}` }] as const),
  )
  const services = tiers.map((each, index) => {
    const { role, site, launch, argv, files } = each
    const { cpu, memory } = limitsOf(exported, role, launch)
    const behind = tiers[index + 1]
    const service = {
      image: imageOf(exported, role),
      build: { context: '.', target: role },
      command: argv.map(escaped),
      ...(role === 'app' ? { working_dir: `${IN_IMAGE.base}/${application.project}` } : {}),
      environment: environmentOf(each, exported, IN_IMAGE.packages),
      ...(role === 'app' && hasVariables(exported) ? { env_file: ['app.env'] } : {}),
      ...(Object.keys(files).length > 0
        ? {
            configs: Object.keys(files).map((file) => ({
              source: idOf(role, file),
              target: `${IN_IMAGE.config}/${file}`,
            })),
          }
        : {}),
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      deploy: {
        resources: {
          limits: { cpus: `\${${cpusVariable(role)}:-${cpu.limit}}`, memory: `${memory.limit}M` },
          reservations: { memory: `${Math.min(memory.request, memory.limit)}M` },
        },
      },
      networks: { [name]: { ipv4_address: site.address.host, aliases: [role] } },
      ...(index === 0 ? { ports: [`\${PUBLISH:-8080}:${PORT}`] } : {}),
      stop_signal: launch.stop,
      stop_grace_period: '15s',
      restart: 'unless-stopped',
      healthcheck: {
        test: ['CMD', 'bash', '-c', escaped(answersAt(site.address, healthPath))],
        interval: '5s',
        timeout: '5s',
        retries: 6,
        start_period: '30s',
      },
      ...(behind ? { depends_on: { [behind.role]: { condition: 'service_healthy' } } } : {}),
    }
    return [role, service] as const
  })
  const head = [
    ...provenance,
    '',
    `docker compose up --build --detach --wait    brings ${topology.name} up: http://localhost:8080/`,
    'docker compose down                          takes it down',
    '',
    'PUBLISH chooses another port (PUBLISH=127.0.0.1:9000 for this machine alone). Run it on each machine of the plan.',
    `An engine refuses more CPUs than its machine has: ${cpusVariable('app')}=1, say, limits a tier to as many, for trying it on a smaller one.`,
    `Limits are the measured figures with room above them. The range of the network is fixed, because tiers trust each other by address: if ${RANGE}.0/24 is taken, change it here and in config/.`,
  ]
  return yaml(head, {
    name,
    services: Object.fromEntries(services),
    networks: { [name]: { ipam: { config: [{ subnet: `${RANGE}.0/24` }] } } },
    ...(configs.length > 0 ? { configs: Object.fromEntries(configs) } : {}),
  })
}

/** The variable that takes the place of a tier's limit. */
const cpusVariable = (role: string): string => `CPUS_${role.toUpperCase()}`

/** Dollars are Compose's, unless doubled. */
const escaped = (text: string): string => text.replaceAll('$', '$$$$')

function readme(exported: Exported): string {
  const { name, provenance } = exported
  return `${htmlComment(provenance)}
# ${name} with Docker Compose

${hasVariables(exported) ? 'Fill in `app.env`: the variables of the application.\n\n' : ''}    docker compose up --build --detach --wait
    curl http://localhost:8080/
    docker compose down

Every machine of the plan runs this; what spreads requests over several machines is yours to put in front. Nothing of it runs as
root, and the application may write only below \`${IN_IMAGE.service}\`, which goes with its container.
`
}
