import { bundled } from '../bundle.ts'
import { entryFiles, packagesOf } from '../entry.ts'
import { environmentFile } from '../environment-file.ts'
import { installScript } from '../install-script.ts'
import { commented, htmlComment } from '../provenance.ts'
import { writtenRequirements } from '../requirement-files.ts'
import { runScript } from '../run-script.ts'
import { unitsOf } from '../units.ts'
import type { Exported, ExportedFile, Format } from './index.ts'

export default {
  name: 'native',
  says: 'Configuration of each server, systemd units, an install script, one that starts all without systemd, and a copy of the application.',
  files: (exported) => {
    const { application, provenance, variables } = exported
    const tiers = bundled(exported)
    const head = commented('#', provenance)
    const entry = entryFiles(exported)
    const copied = [...application.folders.map(({ to }) => to), ...entry.map(() => 'entry')]
    return [
      { path: 'run.sh', text: runScript(exported, tiers), mode: 0o755 },
      { path: 'install.sh', text: installScript(exported, tiers, copied), mode: 0o755 },
      ...unitsOf(exported, tiers),
      ...tiers.flatMap(({ role, files }) =>
        Object.entries(files).map(([file, text]): ExportedFile => ({
          path: `config/${role}/${file}`,
          text: `${head}\n\n${text}`,
        })),
      ),
      ...(Object.keys(variables).length > 0 ? [environmentFile(exported, 'app.env')] : []),
      ...writtenRequirements(exported),
      ...entry,
      { path: 'README.md', text: readme(exported) },
    ]
  },
} satisfies Format

function readme(exported: Exported): string {
  const { name, provenance, topology, requirements, variables } = exported
  const packages = [...new Set(topology.tiers.flatMap(({ server }) => packagesOf(exported, server.role)))].sort()
  // Packages with a service of their own, which Debian enables when they are installed.
  const services = topology.tiers
    .map(({ server }) => server.name.replace(/-.*/, ''))
    .filter((each) => /^(?:nginx|varnish)$/.test(each))
  return `${htmlComment(provenance)}
# ${name} on Debian and Ubuntu, with systemd

1. Install the servers${services.length > 0 ? '; Debian starts some of them with a configuration of its own, which is switched off' : ''}:

       apt-get install --no-install-recommends ${packages.join(' ')}
${services.length > 0 ? `       systemctl disable --now ${services.join(' ')}\n` : ''}${requirements === undefined ? '' : '\n   and what the application needs, into this folder:\n\n       apt-get install python3-pip && python3 -m pip install --target packages -r requirements.txt\n'}
2. Try it, as an ordinary user: \`./run.sh\`, then http://127.0.0.1:8080/. Ctrl-C stops it.
${Object.keys(variables).length > 0 ? '3. Fill in `app.env`: the variables of the application.\n' : ''}
To install it, see what \`./install.sh\` would do, then let it: \`sudo ./install.sh --really\`. It goes to \`/srv/${name}\` and answers on port 8000;
\`sudo PREFIX=/opt/${name} PORT=80 ./install.sh --really\` chooses otherwise. Afterwards:

    systemctl status '${name}*'
    journalctl -u '${name}*' -f
    systemctl restart ${name}-app

Every machine of the plan gets this; what spreads requests over several machines is yours to put in front. Each tier runs as a user of
its own that systemd makes up, and the application may write only below \`/var/lib/${name}/app\`. In \`config/\` and \`systemd/\`, words
like \`@PREFIX@\` stand for what the scripts fill in.
`
}
