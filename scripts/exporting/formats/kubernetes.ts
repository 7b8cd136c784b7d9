import { answersAt, listensAt } from '../checks.ts'
import { environmentOf, type Configured } from '../configured.ts'
import { imageFiles, imageOf, IN_IMAGE, NOBODY, tiersInImages } from '../images.ts'
import { limitsOf } from '../limits.ts'
import { htmlComment } from '../provenance.ts'
import { yaml } from '../yaml.ts'
import type { Exported, Format } from './index.ts'

/** Ports of the tiers, from the application's server outwards: a pod has one network, so each needs its own. */
const PORT = 8000
/** How long a pod that is to end still serves, until nobody sends it requests any more, in seconds. */
const DRAIN_SECONDS = 5
/** How long servers finish what they have in hand (their own limit is 5 s). */
const STOP_SECONDS = 6

export default {
  name: 'kubernetes',
  says: 'Manifests for kubectl apply -k, with requests, limits and probes; a Dockerfile, and a copy of the application.',
  files: (exported) => {
    const tiers = tiersOf(exported)
    const { provenance, variables } = exported
    const manifests = [
      ...tiers.filter(({ files }) => Object.keys(files).length > 0).map((tier) => configMap(exported, tier)),
      ...(Object.keys(variables).length > 0 ? [secret(exported)] : []),
      deployment(exported, tiers),
      service(exported),
      ...(exported.spare > 0 ? [disruptionBudget(exported)] : []),
    ]
    return [
      ...manifests.map(({ path, says, document }) => ({ path, text: yaml([...provenance, '', ...says], document) })),
      { path: 'kustomization.yaml', text: kustomization(exported, tiers, manifests) },
      ...imageFiles(exported, tiers),
      { path: 'README.md', text: readme(exported, tiers) },
    ]
  },
} satisfies Format

/** A manifest with what is to be said about it. */
interface Manifest {
  readonly path: string
  readonly says: readonly string[]
  readonly document: object
}

/** The addresses are those that the lab measures with: a pod's loopback is its own. */
const tiersOf = (exported: Exported): readonly Configured[] =>
  tiersInImages(exported, {
    host: (distance) => `127.0.0.${11 + distance}`,
    edge: '0.0.0.0',
    defaultSource: '127.0.0.1',
    port: (distance) => PORT + (exported.topology.tiers.length - 1 - distance),
  })

const labels = ({ name }: Exported) => ({ 'app.kubernetes.io/name': name })
const configName = ({ name }: Exported, role: string): string => `${name}-${role}`
const secretName = ({ name }: Exported): string => `${name}-environment`

const configMap = (exported: Exported, { role, files }: Configured): Manifest => ({
  path: `config-${role}.yaml`,
  says: [],
  document: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: configName(exported, role), labels: labels(exported) },
    data: files,
  },
})

const secret = (exported: Exported): Manifest => ({
  path: 'secret.yaml',
  says: ['Variables of the application: fill in what is empty, and keep this file out of version control.'],
  document: {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secretName(exported), labels: labels(exported) },
    stringData: Object.fromEntries(Object.entries(exported.variables).map(([name, value]) => [name, value ?? ''])),
  },
})

const service = (exported: Exported): Manifest => ({
  path: 'service.yaml',
  says: [],
  document: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: exported.name, labels: labels(exported) },
    spec: { selector: labels(exported), ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  },
})

const disruptionBudget = (exported: Exported): Manifest => ({
  path: 'disruption-budget.yaml',
  says: [`As many pods may be taken away at once as the plan has spare machines: ${exported.spare}.`],
  document: {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: exported.name, labels: labels(exported) },
    spec: { maxUnavailable: exported.spare, selector: { matchLabels: labels(exported) } },
  },
})

function deployment(exported: Exported, tiers: readonly Configured[]): Manifest {
  const { name, size, spare, variables } = exported
  const drained = DRAIN_SECONDS + STOP_SECONDS * tiers.length
  return {
    path: 'deployment.yaml',
    says: [
      'A pod is a machine of the plan: it has all tiers, which speak to each other over its own loopback, as they were measured.',
      'Requests are what a tier uses at the peak; limits leave room above that. A pod does not need a node of its own, but replicas',
      'on one node fail together, so they are spread.',
    ],
    document: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, labels: labels(exported) },
      spec: {
        replicas: size.machines,
        selector: { matchLabels: labels(exported) },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: spare > 0 ? 1 : 0 } },
        template: {
          metadata: { labels: labels(exported) },
          spec: {
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: drained + 10,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: NOBODY,
              runAsGroup: NOBODY,
              fsGroup: NOBODY,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'kubernetes.io/hostname',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: labels(exported) },
              },
            ],
            containers: tiers.map((tier, index) => container(exported, tier, index)),
            volumes: tiers.flatMap(({ role, files }) => [
              { name: `${role}-service`, emptyDir: {} },
              ...(Object.keys(files).length > 0
                ? [{ name: `${role}-config`, configMap: { name: configName(exported, role) } }]
                : []),
            ]),
          },
        },
      },
    },
  }

  function container({ healthPath, application }: Exported, tier: Configured, index: number): object {
    const { role, argv, files, site, launch } = tier
    const { cpu, memory } = limitsOf(exported, role, launch)
    const address = { host: index === 0 ? '127.0.0.1' : site.address.host, port: site.address.port }
    const bash = (command: string) => ({ exec: { command: ['bash', '-c', command] } })
    return {
      name: role,
      image: imageOf(exported, role),
      command: argv.map(unexpanded),
      ...(role === 'app' ? { workingDir: `${IN_IMAGE.base}/${application.project}` } : {}),
      env: Object.entries(environmentOf(tier, exported, IN_IMAGE.packages)).map(([variable, value]) => ({
        name: variable,
        value: unexpanded(value),
      })),
      ...(role === 'app' && Object.keys(variables).length > 0
        ? { envFrom: [{ secretRef: { name: secretName(exported) } }] }
        : {}),
      ...(index === 0 ? { ports: [{ name: 'http', containerPort: site.address.port }] } : {}),
      resources: {
        requests: { cpu: `${Math.round(cpu.request * 1000)}m`, memory: `${memory.request}Mi` },
        limits: { cpu: `${Math.round(cpu.limit * 1000)}m`, memory: `${memory.limit}Mi` },
      },
      // Whoever is only busy must not be ended for it: liveness is that somebody listens.
      startupProbe: {
        ...bash(answersAt(address, healthPath)),
        periodSeconds: 1,
        timeoutSeconds: 5,
        failureThreshold: 60,
      },
      readinessProbe: { ...bash(answersAt(address, healthPath)), periodSeconds: 5, timeoutSeconds: 5 },
      livenessProbe: { ...bash(listensAt(address)), periodSeconds: 10, timeoutSeconds: 5 },
      // From the outside in, so that nobody is asked who has gone.
      lifecycle: { preStop: { exec: { command: ['sleep', String(DRAIN_SECONDS + STOP_SECONDS * index)] } } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      volumeMounts: [
        { name: `${role}-service`, mountPath: IN_IMAGE.service },
        ...(Object.keys(files).length > 0
          ? [{ name: `${role}-config`, mountPath: IN_IMAGE.config, readOnly: true }]
          : []),
      ],
    }
  }
}

/** Kubernetes replaces $(NAME) in commands and variables, unless the dollar is doubled. */
const unexpanded = (text: string): string => text.replaceAll('$(', '$$$$(')

function kustomization(exported: Exported, tiers: readonly Configured[], manifests: readonly Manifest[]): string {
  return yaml([...exported.provenance, '', 'Put your registry before the names: newName: registry.example/NAME.'], {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: manifests.map(({ path }) => path),
    images: tiers.map(({ role }) => {
      const [name, newTag] = imageOf(exported, role).split(':')
      return { name, newName: name, newTag }
    }),
  })
}

function readme(exported: Exported, tiers: readonly Configured[]): string {
  const { name, provenance, variables } = exported
  return `${htmlComment(provenance)}
# ${name} on Kubernetes

A pod is a machine of the plan: all tiers as containers that speak to each other over the pod's own loopback, as they were measured.

1. Build the images and push them to a registry that the cluster reads:

${tiers.map(({ role }) => `       docker build --target ${role} --tag REGISTRY/${imageOf(exported, role)} . && docker push REGISTRY/${imageOf(exported, role)}`).join('\n')}

2. Put the registry into \`kustomization.yaml\` (\`newName\`)${Object.keys(variables).length > 0 ? ', and what is empty into `secret.yaml`' : ''}.
3. \`kubectl apply -k .\`, then \`kubectl rollout status deployment/${name}\`.

The service \`${name}\` answers on port 80 inside the cluster; an Ingress or Gateway in front is yours. Nothing runs as root, and the
application may write only below \`${IN_IMAGE.service}\`, which goes with its pod.
`
}
