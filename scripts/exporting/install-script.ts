import type { Bundled } from './bundle.ts'
import type { Exported } from './formats/index.ts'
import { commented } from './provenance.ts'
import { portLines, renderFunction } from './shell.ts'
import { unitsOf } from './units.ts'

/** A script that copies a bundle to where it belongs and enables it; it only says what it would do unless told to. */
export function installScript(exported: Exported, tiers: readonly Bundled[], copied: readonly string[]): string {
  const { name, provenance, variables } = exported
  const units = unitsOf(exported, tiers).map(({ path }) => path)
  const configuration = tiers.flatMap(({ role, files }) => Object.keys(files).map((file) => `config/${role}/${file}`))
  return `#!/bin/bash
${commented('#', provenance)}
#
# Says what it would do; with --really it does it, as root. PREFIX: where the application and the configuration go; PORT and LISTEN:
# where the edge listens (the ports after it are those of the tiers behind, on loopback). DESTDIR: put all below it, enable nothing.
set -euo pipefail
cd "$(dirname "$0")"

PREFIX=\${PREFIX:-/srv/${name}}
PORT=\${PORT:-8000}
LISTEN=\${LISTEN:-0.0.0.0}
DESTDIR=\${DESTDIR:-}
CONFIG=$PREFIX/config
STATE=/var/lib/${name}
ROOT=
TRIPLET=
${portLines(tiers)}
really=no
[ "\${1:-}" = --really ] && really=yes

act() {
  if [ "$really" = yes ]; then "$@"; else echo "would: $*"; fi
}
${renderFunction(tiers)}
put() {
  if [ "$really" = yes ]; then render "$1" >"$2" && chmod 644 "$2"; else echo "would: write $2 from $1"; fi
}

missing=()
for file in ${[...new Set(tiers.map(({ argv }) => argv.installed[0]!))].join(' ')}; do [ -e "$file" ] || missing+=("$file"); done
if [ \${#missing[@]} -gt 0 ]; then
  echo "Not installed here: \${missing[*]}. README.md says which packages bring them." >&2
  [ -n "$DESTDIR" ] || [ "$really" = no ] || exit 3
fi

act mkdir -p "$DESTDIR$PREFIX" "$DESTDIR/etc/systemd/system"
for folder in ${[...copied, 'packages'].join(' ')}; do
  [ -d "$folder" ] || continue
  act rm -rf "$DESTDIR$PREFIX/$folder"
  act mkdir -p "$(dirname "$DESTDIR$PREFIX/$folder")"
  act cp -r --preserve=mode,timestamps "$folder" "$DESTDIR$PREFIX/$folder"
done
${Object.keys(variables).length > 0 ? `# What was filled in at an earlier install stays.\n[ -e "$DESTDIR$PREFIX/app.env" ] || act install -m 600 app.env "$DESTDIR$PREFIX/app.env"\n` : ''}${
    configuration.length > 0
      ? `for file in ${configuration.join(' ')}; do
  act mkdir -p "$(dirname "$DESTDIR$PREFIX/$file")"
  put "$file" "$DESTDIR$PREFIX/$file"
done
`
      : ''
  }for unit in ${units.join(' ')}; do
  put "$unit" "$DESTDIR/etc/systemd/system/$(basename "$unit")"
done
if [ -z "$DESTDIR" ]; then
  act systemctl daemon-reload
  act systemctl enable --now ${units.map((path) => path.replace(/^.*\//, '')).join(' ')}
fi
[ "$really" = yes ] || echo "Nothing was done. With --really it is."
`
}
