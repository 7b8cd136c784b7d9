import { Ajv2020 } from 'ajv/dist/2020.js'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import schemas from '../fixture/kubernetes-1.37.json' with { type: 'json' }
import { planFolder, type PlanFolder } from '../planned-file.ts'

/** As much of a manifest as is looked at. */
interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  // oxlint-disable-next-line typescript/no-explicit-any -- what is in it is what the schemas are for
  readonly spec: any
  readonly data?: Readonly<Record<string, string>>
}

let plan: PlanFolder
beforeAll(() => {
  plan = planFolder({
    name: 'apps/probe.py:application',
    statics: [{ directory: 'apps/static', prefix: '/static/' }],
    variables: ['SECRET_KEY'],
  })
})
afterAll(() => plan[Symbol.dispose]())

const all = ['app-server', 'daemon-host', 'reverse-proxy', 'three-tier']
const DEFINITIONS: Readonly<Record<string, string>> = {
  Deployment: 'io.k8s.api.apps.v1.Deployment',
  Service: 'io.k8s.api.core.v1.Service',
  ConfigMap: 'io.k8s.api.core.v1.ConfigMap',
  Secret: 'io.k8s.api.core.v1.Secret',
  PodDisruptionBudget: 'io.k8s.api.policy.v1.PodDisruptionBudget',
}

async function manifestsOf(
  topology: string,
  words: readonly string[] = [],
): Promise<Readonly<Record<string, Manifest>>> {
  const name = `${topology}${words.length}`
  const { code, stderr } = await plan.export(name, ['--format', 'kubernetes', '--topology', topology, ...words])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const folder = join(plan.folder, name)
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
  return Object.fromEntries(files.map((file) => [file, parse(readFileSync(join(folder, file), 'utf8')) as Manifest]))
}

/** What the published schema of a manifest's kind has against it. */
function wrongIn(manifest: Manifest): unknown {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(schemas, 'kubernetes')
  ajv.validate(`kubernetes#/$defs/${DEFINITIONS[manifest.kind]}`, manifest)
  return ajv.errors
}

test('the published schemas find what is wrong in a manifest, so that their silence means something', async () => {
  const { 'deployment.yaml': good } = await manifestsOf('app-server')
  expect(wrongIn(good!)).toBeNull()
  const misspelt = structuredClone(good!)
  misspelt.spec.template.spec.containers[0].readynessProbe = {}
  expect(wrongIn(misspelt)).toMatchObject([{ keyword: 'additionalProperties' }])
  const untyped = structuredClone(good!)
  untyped.spec.replicas = 'three'
  expect(wrongIn(untyped)).toMatchObject([{ keyword: 'type' }])
})

test.each(all)(
  '%s: the published schemas have nothing against any manifest, and everything they name is there',
  async (topology) => {
    const { 'kustomization.yaml': kustomization, ...manifests } = await manifestsOf(topology, [
      '--env',
      'SECRET_KEY=s3cret',
    ])
    for (const [file, manifest] of Object.entries(manifests))
      expect({ file, wrong: wrongIn(manifest) }).toEqual({ file, wrong: null })
    expect((kustomization as unknown as { resources: string[] }).resources.toSorted()).toEqual(
      Object.keys(manifests).toSorted(),
    )

    const { spec } = manifests['deployment.yaml']!
    const pod = spec.template.spec
    const labels = spec.template.metadata.labels
    expect(spec.selector.matchLabels).toEqual(labels)
    const service = manifests['service.yaml']!.spec
    expect(service.selector).toEqual(labels)
    const named = pod.containers.flatMap(({ ports = [] }) => ports).map(({ name }: { name: string }) => name)
    expect(named).toEqual([service.ports[0].targetPort])

    const volumes = Object.fromEntries(pod.volumes.map((volume: { name: string }) => [volume.name, volume]))
    const maps = Object.values(manifests).filter(({ kind }) => kind === 'ConfigMap')
    for (const { configMap } of pod.volumes)
      if (configMap) expect(maps.map(({ metadata }) => metadata.name)).toContain(configMap.name)
    const listening = pod.containers
      .map(({ command }: { command: string[] }) => command.join(' '))
      .concat(maps.map(({ data }) => JSON.stringify(data)))
    for (const { name, image, resources, volumeMounts, startupProbe, command, env } of pod.containers) {
      for (const mount of volumeMounts) expect(volumes).toHaveProperty(mount.name)
      expect(Number.parseInt(resources.requests.cpu, 10)).toBeLessThanOrEqual(Number.parseInt(resources.limits.cpu, 10))
      expect(Number.parseInt(resources.requests.memory, 10)).toBeLessThanOrEqual(
        Number.parseInt(resources.limits.memory, 10),
      )
      // Whom a probe asks is somebody that listens there.
      const port = /\/dev\/tcp\/[\d.]+\/(\d+)/.exec(startupProbe.exec.command.join(' '))![1]!
      expect(
        listening.some((text: string) => text.includes(`:${port}`)),
        `${name} at ${port}`,
      ).toBe(true)
      const dockerfile = readFileSync(join(plan.folder, `${topology}2`, 'Dockerfile'), 'utf8')
      expect(dockerfile).toContain(`FROM base AS ${name}\n`)
      expect((kustomization as unknown as { images: { name: string }[] }).images.map((each) => each.name)).toContain(
        image.split(':')[0],
      )
      // Kubernetes would replace these.
      expect(JSON.stringify([command, env])).not.toMatch(/(?<!\$)\$\(/)
    }
    const app = pod.containers.at(-1)
    expect(app.envFrom).toEqual([{ secretRef: { name: manifests['secret.yaml']!.metadata.name } }])
  },
)

test('the plan’s machines are replicas, its spare ones may be taken away, and its figures are the requests', async () => {
  const { 'deployment.yaml': deployment, 'disruption-budget.yaml': budget } = await manifestsOf('reverse-proxy')
  const text = readFileSync(join(plan.folder, 'reverse-proxy0', 'deployment.yaml'), 'utf8')
  const [, machines] = /machines: (\d+)/.exec(text)!
  expect(deployment!.spec.replicas).toBe(Number(machines))
  expect(budget!.spec.maxUnavailable).toBe(1)
  const [, cores] = /Gunicorn ([\d.]+) cores/.exec(text)!
  const { requests } = deployment!.spec.template.spec.containers.at(-1).resources
  // The text has two digits of it.
  expect(Number.parseInt(requests.cpu, 10) / 1000 / Number(cores)).toBeCloseTo(1, 1)
})
