import type { Bundled } from './bundle.ts'
import type { Exported, ExportedFile } from './formats/index.ts'
import { limitsOf } from './limits.ts'
import { commented } from './provenance.ts'

/** What no server of these needs to do. */
const HARDENING = `DynamicUser=yes
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
UMask=0027`

/** systemd's units of a bundle: a service for each tier, with tokens in it, and a target for all of them. */
export function unitsOf(exported: Exported, tiers: readonly Bundled[]): readonly ExportedFile[] {
  const { name, provenance, topology } = exported
  const head = commented('#', provenance)
  const target = `${head}

[Unit]
Description=${name}: all tiers (${topology.name})

[Install]
WantedBy=multi-user.target
`
  return [
    ...tiers.map((tier, index) => ({
      path: `systemd/${name}-${tier.role}.service`,
      text: `${head}\n\n${serviceUnit(exported, tier, index === 0, tiers[index + 1])}`,
    })),
    { path: `systemd/${name}.target`, text: target },
  ]
}

function serviceUnit(exported: Exported, tier: Bundled, isEdge: boolean, behind: Bundled | undefined): string {
  const { name, application, variables } = exported
  const { role, title, launch, argv, environment } = tier
  const { cpu, memory } = limitsOf(exported, role, launch)
  const unitBehind = behind && `${name}-${behind.role}.service`
  const set = Object.entries(environment).map(([key, value]) => `Environment=${unitWord(`${key}=${value}`, false)}\n`)
  return `[Unit]
Description=${name}: ${title}
PartOf=${name}.target
After=network.target${unitBehind ? ` ${unitBehind}` : ''}
${
  unitBehind
    ? `# Not Requires: what is stored, and static files, are still served while the tier behind is restarted.
Wants=${unitBehind}
`
    : ''
}
[Service]
Type=exec
ExecStart=${argv.installed.map((word) => unitWord(word, true)).join(' ')}
WorkingDirectory=${role === 'app' ? `@PREFIX@/${application.project}` : `@STATE@/${role}`}
${set.join('')}${role === 'app' && Object.keys(variables).length > 0 ? 'EnvironmentFile=@PREFIX@/app.env\n' : ''}StateDirectory=${name}/${role}
# The signal with which it finishes what it has in hand.
KillSignal=${launch.stop}
KillMode=mixed
TimeoutStopSec=15
Restart=on-failure
RestartSec=1
LimitNOFILE=65536
# What it uses at the peak, with room above it.
MemoryMax=${memory.limit}M
CPUQuota=${Math.round(cpu.limit * 100)}%

${HARDENING}
${
  isEdge
    ? `# For ports below 1024.
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE`
    : 'CapabilityBoundingSet='
}

[Install]
WantedBy=${name}.target
`
}

/** A word of a unit: percent signs begin specifiers, and in commands dollars begin variables, unless doubled. */
function unitWord(word: string, isCommand: boolean): string {
  const plain = word.replaceAll('%', '%%')
  const text = isCommand ? plain.replaceAll('$', '$$$$') : plain
  return /^[\w@%+=:,./$-]+$/.test(text) ? text : `"${text.replace(/[\\"]/g, '\\$&')}"`
}
