import { hostile, verdicts } from './fixture-verdicts.ts'
import { Run, type Measurement, type Result } from './run.ts'
import { seeded } from './statistics.ts'

type Tier = Result['tiers'][number]

const tier = (role: Tier['role'], server: string, title: string, variant: string, version: string): Tier => ({
  role,
  server,
  title,
  variant,
  version,
  argv: [`/usr/sbin/${server}`, '--config', `/run/lab/${role}/${server}.conf`],
  configuration: { [`${server}.conf`]: `# ${title}, ${variant}\nlisten 127.0.0.2:8080;\n# ${hostile.slice(0, 20)}\n` },
})

const gunicorn = tier('app', 'gunicorn', 'Gunicorn', 'gthread', '23.0.0-1')
const nginx = tier('proxy', 'nginx', 'nginx', 'http11', '1.26.3-3')
const varnish = tier('cache', 'varnish', 'Varnish', 'default', '7.7.0-3')
const apache = tier('app', 'mod-wsgi', 'Apache + mod_wsgi', 'daemon', '5.0.2-1')

const workloads: Run['workloads'] = [
  {
    name: 'time',
    title: 'Dynamic: /time',
    says: 'The current time, uncacheable: every request reaches Python.',
    content: 'dynamic',
    connections: 64,
  },
  {
    name: 'page',
    title: 'Cacheable: /page',
    says: 'A page of 4 kB with max-age: a cache may answer it.',
    content: 'cacheable',
    connections: 64,
  },
  {
    name: 'static',
    title: 'Static: /static/16k.bin',
    says: 'A file of 16 kB, served by the outermost tier that can.',
    content: 'static',
    connections: 64,
  },
  {
    name: 'framework-raw',
    title: 'Raw WSGI',
    says: 'The time as a raw WSGI callable.',
    content: 'framework',
    connections: 16,
  },
  { name: 'framework-webob', title: 'WebOb', says: 'The time through WebOb.', content: 'framework', connections: 16 },
  {
    name: 'framework-werkzeug',
    title: 'Werkzeug',
    says: 'The time through Werkzeug.',
    content: 'framework',
    connections: 16,
  },
]

/** Throughput per second, and per tier CPU microseconds per request, by workload. */
type Load = Readonly<Record<string, readonly [perSecond: number, ...cpu: number[]]>>

const loads: Readonly<Record<string, Load>> = {
  'app-server': {
    time: [2310, 402],
    page: [2120, 441],
    static: [1480, 610],
    'framework-raw': [2290, 405],
    'framework-webob': [1590, 598],
    'framework-werkzeug': [1190, 803],
  },
  'daemon-host': {
    time: [2790, 331],
    page: [2580, 358],
    static: [11200, 78],
    'framework-raw': [2750, 335],
    'framework-webob': [1810, 520],
    'framework-werkzeug': [1290, 741],
  },
  'reverse-proxy': {
    time: [1910, 62, 418],
    page: [1830, 64, 447],
    static: [17400, 31, 0],
    'framework-raw': [1900, 62, 421],
    'framework-webob': [1370, 61, 615],
    'framework-werkzeug': [1060, 62, 826],
  },
  'three-tier': {
    time: [1560, 81, 64, 423],
    page: [16900, 34, 0.1, 0.5],
    static: [16200, 38, 0.3, 0],
    'framework-raw': [1550, 82, 63, 425],
    'framework-webob': [1180, 80, 62, 621],
    'framework-werkzeug': [940, 81, 62, 833],
  },
}

const megabytes: Readonly<Record<string, number>> = { gunicorn: 58, nginx: 9, varnish: 31, 'mod-wsgi': 71 }

function measurement(result: Result, workload: string, repeat: number, random: () => number): Measurement {
  const [rate, ...cpu] = loads[result.topology]![workload]!
  const connections = workloads.find(({ name }) => name === workload)!.connections
  const noise = 1 + (random() - 0.5) * 0.07
  const throughput = Math.round(rate * noise * 10) / 10
  const mean = (connections / throughput) * 1000
  const busy = (throughput * cpu.reduce((sum, each) => sum + each, 0)) / 1e6
  const bound = throughput > 15000
  const noisy = result.topology === 'daemon-host' && workload === 'page' && repeat === 2
  const because = [
    ...(bound
      ? [
          `The generator used ${98 + repeat / 2} % of its CPU and was the bottleneck: the throughput is a lower bound only.`,
        ]
      : []),
    ...(noisy
      ? [
          'Others used 0.62 of the 2 CPUs meanwhile (processes, or neighbours of a virtual machine): measure again when it is quieter.',
        ]
      : []),
  ]
  return {
    workload,
    repeat,
    generator: 'autocannon',
    loop: { kind: 'closed', connections },
    seconds: 5,
    requests: Math.round(throughput * 5),
    errors: 0,
    errorKinds: {},
    timeouts: 0,
    bytes: Math.round(throughput * 5 * 420),
    throughput,
    latency: {
      mean,
      p50: mean * 0.94,
      p90: mean * 1.3,
      p99: mean * (1.8 + random() * 0.3),
      p999: mean * 3.4,
      max: mean * 6,
    },
    histogram: 'HISTFAAAAB542pNpmSzMwMDAxgABzFCaEUzwMTAAACLAAR8=',
    usage: result.tiers.map(({ role, server }, index) => ({
      role,
      server,
      cpuMicrosecondsPerRequest: (cpu[index] ?? 0) / noise,
      utilization: Math.min(1, (throughput * (cpu[index] ?? 0)) / 1e6 / Math.max(1, busy)),
      pssBytes: (megabytes[server] ?? 10) * 1048576 * (1 + random() * 0.02),
      processes: role === 'app' ? 3 : 2,
      threads: role === 'app' ? 9 : 2,
    })),
    generatorCpu: bound ? 0.99 : Math.min(0.9, throughput / 17000),
    generatorEventLoop: bound ? 0.99 : Math.min(0.85, throughput / 18000),
    foreignCpu: noisy ? 0.62 : 0.03,
    little: 1,
    validity:
      because.length > 0
        ? {
            valid: false,
            reasons: [...(bound ? (['generator-bound'] as const) : []), ...(noisy ? (['disturbed'] as const) : [])],
            because,
          }
        : { valid: true },
  }
}

function result(topology: string, title: string, says: string, tiers: readonly Tier[], random: () => number): Result {
  const empty: Result = {
    topology,
    title,
    says,
    runtime: 'native',
    tiers: [...tiers],
    bringUpSeconds: tiers.map((_, index) => 0.6 + index * 0.21),
    verdicts: [...verdicts(tiers)],
    measurements: [],
    problems: [],
  }
  const measurements = workloads.flatMap(({ name }) =>
    [1, 2, 3].map((repeat) => measurement(empty, name, repeat, random)),
  )
  return { ...empty, measurements }
}

/** A run as the lab would write it: four topologies, three repeats, some of it invalid, one topology that failed. */
export function fixture(): Run {
  const random = seeded(7)
  const failed: Result = {
    ...result('app-server', 'x', 'x', [gunicorn], random),
    topology: 'cache-host',
    title: 'Cache in front of a daemon host',
    says: 'Client to Varnish to Apache with mod_wsgi.',
    tiers: [varnish, apache],
    bringUpSeconds: [],
    verdicts: [],
    measurements: [],
    problems: [`varnish did not answer within 20 s. The end of its log: Error: could not bind ${hostile}`],
  }
  return Run.parse({
    schema: 'lab.run/1',
    id: '2026-11-22T09-14-03Z',
    startedAt: '2026-11-22T09:14:03.000Z',
    finishedAt: '2026-11-22T09:21:47.000Z',
    arguments: ['--profile', 'quick', '--topology', 'app-server,daemon-host,reverse-proxy,three-tier,cache-host'],
    commit: '0123456789abcdef0123456789abcdef01234567',
    profile: 'quick',
    repeats: 3,
    secondsPerMeasurement: 5,
    seed: 20261122,
    workersPerServer: 2,
    threadsPerWorker: 4,
    placement: { services: [0], generator: [1] },
    toolchain: 'debian-13-private',
    host: {
      os: 'Debian GNU/Linux 13 (trixie)',
      kernel: '6.12.48+deb13-amd64',
      architecture: 'x64',
      cpu: 'AMD EPYC 7763 64-Core Processor',
      cpus: 2,
      memoryBytes: 8 * 1024 ** 3,
      virtualization: 'kvm',
      governor: null,
      node: '24.21.0',
      lab: '0.1.0',
      cpuPressure: 1.3,
    },
    workloads,
    results: [
      result('app-server', 'App server alone', 'Client to Gunicorn.', [gunicorn], random),
      result('daemon-host', 'Apache with mod_wsgi', 'Client to Apache, Python in daemon processes.', [apache], random),
      result('reverse-proxy', 'Reverse proxy', 'Client to nginx to Gunicorn.', [nginx, gunicorn], random),
      result(
        'three-tier',
        'Three tiers',
        'Client to Varnish to nginx to Gunicorn.',
        [varnish, nginx, gunicorn],
        random,
      ),
      failed,
    ],
  })
}
