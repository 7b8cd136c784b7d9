import { portOf, type Bundled } from './bundle.ts'
import type { Exported } from './formats/index.ts'
import { commented } from './provenance.ts'
import { expandedWord, portLines, renderFunction } from './shell.ts'

/** A script that starts a bundle without systemd, from any folder, as an ordinary user, until it is interrupted. */
export function runScript(exported: Exported, tiers: readonly Bundled[]): string {
  const { provenance, healthPath, variables } = exported
  return `#!/bin/bash
${commented('#', provenance)}
#
# Starts all tiers as they are here, until Ctrl-C. PORT: where the edge listens (the ports after it are those of the tiers behind);
# LISTEN: its address. ROOT: prefix of the servers' programs and files, where they are unpacked instead of installed.
set -euo pipefail
# Jobs have process groups of their own: Ctrl-C is for this script, which then stops them in order.
set -m

PREFIX=$(cd "$(dirname "$0")" && pwd)
PORT=\${PORT:-8080}
LISTEN=\${LISTEN:-127.0.0.1}
ROOT=\${ROOT:-}
TRIPLET=\${TRIPLET:-$(uname -m)-linux-gnu}
${portLines(tiers)}

if [ "$(id -u)" = 0 ]; then
  echo "Start it as an ordinary user: nothing of it needs root." >&2
  exit 2
fi

STATE=$(mktemp -d)
CONFIG=$STATE/config
roles=()
pids=()
signals=()

${renderFunction(tiers)}

# From the outside in, each by the signal with which it finishes what it has in hand.
stop() {
  local index
  for ((index = \${#pids[@]} - 1; index >= 0; index--)); do
    kill -s "\${signals[index]}" "\${pids[index]}" 2>/dev/null || true
    for _ in {1..100}; do
      kill -0 "\${pids[index]}" 2>/dev/null || break
      sleep 0.1
    done
    kill -s KILL -- "-\${pids[index]}" 2>/dev/null || true
  done
  rm -rf "$STATE"
}
trap stop EXIT
trap 'exit 0' INT TERM

# start ROLE ADDRESS PORT SIGNAL FOLDER COMMAND...: returns when it answers.
start() {
  local role=$1 address=$2 port=$3 signal=$4 folder=$5
  shift 5
  (cd "$folder" && exec "$@") >>"$STATE/$role/output.log" 2>&1 &
  roles+=("$role") pids+=("$!") signals+=("$signal")
  for _ in {1..300}; do
    kill -0 "\${pids[-1]}" 2>/dev/null || break
    if answers "$address" "$port" 2>/dev/null; then return; fi
    sleep 0.1
  done
  echo "$role does not answer at $address:$port. The end of its log:" >&2
  tail -n 20 "$STATE/$role"/*.log >&2
  exit 1
}

answers() (
  exec 3<>"/dev/tcp/$1/$2" &&
    printf 'GET %s HTTP/1.0\\r\\n\\r\\n' ${expandedWord(healthPath)} >&3 &&
    read -r -t 5 _ status _ <&3 &&
    [ "$status" -lt 500 ]
)

mkdir -p ${tiers.map(({ role }) => `"$STATE/${role}" "$CONFIG/${role}"`).join(' ')}
${tiers.flatMap(({ role, files }) => Object.keys(files).map((file) => `render "$PREFIX/config/${role}/${file}" >"$CONFIG/${role}/${file}"`)).join('\n')}
${Object.keys(variables).length > 0 ? '\nset -a\n. "$PREFIX/app.env"\nset +a\n' : ''}
${tiers
  .toReversed()
  .map((tier) => startLines(exported, tier))
  .join('\n')}

echo "Up: http://$LISTEN:$PORT/"
wait -n "\${pids[@]}" || true
for index in "\${!pids[@]}"; do
  kill -0 "\${pids[index]}" 2>/dev/null && continue
  echo "\${roles[index]} has ended. The end of its log:" >&2
  tail -n 20 "$STATE/\${roles[index]}"/*.log >&2
done
exit 1
`
}

function startLines({ application }: Exported, { role, host, launch, argv, environment }: Bundled): string {
  const folder = role === 'app' ? `@PREFIX@/${application.project}` : `@STATE@/${role}`
  const words = [`start`, role, host, `@${portOf(role)}@`, launch.stop.replace('SIG', ''), folder, 'env']
  // The search path for programs is that of whoever starts it.
  const set = Object.entries(environment)
    .filter(([name]) => name !== 'PATH')
    .map(([name, value]) => `${name}=${value}`)
  const line = (command: readonly string[]) => [...words, ...set, ...command].map(expandedWord).join(' ')
  const same = argv.unpacked.every((word, index) => word.replaceAll('@ROOT@', '') === argv.installed[index])
  return same && argv.unpacked.length === argv.installed.length
    ? line(argv.unpacked)
    : `if [ -n "$ROOT" ]; then\n  ${line(argv.unpacked)}\nelse\n  ${line(argv.installed)}\nfi`
}
