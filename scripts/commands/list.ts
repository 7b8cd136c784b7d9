import { Argument, type Command } from 'commander'
import { rules } from '../../suites/linting/rules.ts'
import { generators, servers, suites, topologies, workloads } from '../catalogue.ts'
import { PROFILES } from '../profiles.ts'

const KINDS = ['topologies', 'servers', 'suites', 'clauses', 'rules', 'workloads', 'generators'] as const
type Kind = (typeof KINDS)[number]
type Row = Readonly<Record<string, unknown>> & { readonly name: string }

/** Rows of each catalogue: what `--json` prints, the first columns of the table. */
const ROWS: Readonly<Record<Kind, () => Promise<readonly Row[]>>> = {
  topologies: async () =>
    (await topologies()).map(({ name, title, says, tiers }) => {
      return {
        name,
        title,
        says,
        tiers: tiers.map(({ server, variant }) => `${server.role}=${server.name}/${variant}`),
      }
    }),
  servers: async () =>
    (await servers()).map(({ name, title, role, variants, packages }) => ({ name, title, role, variants, packages })),
  suites: async () =>
    (await suites()).map(({ name, title, clauses }) => ({ name, title, clauses: Object.keys(clauses).length })),
  clauses: async () =>
    (await suites()).flatMap((suite) =>
      Object.entries(suite.clauses).map(([id, clause]) => ({
        name: `${suite.name}/${id}`,
        level: clause.level,
        cites: clause.cites,
        says: clause.says,
        ...('untestable' in clause ? { untestable: clause.untestable } : { experiment: clause.experiment }),
      })),
    ),
  // What `lint` looks for: rules that bind an application, as clauses bind a server.
  rules: async () =>
    Object.entries(rules).map(([name, { level, cites, says, untestable }]) => ({
      name,
      level,
      cites,
      says,
      ...(untestable === undefined ? {} : { untestable }),
    })),
  workloads: async () => (await workloads()).map((workload) => ({ ...workload, profiles: profilesOf(workload.name) })),
  generators: async () => (await generators()).map(({ name, title, loops }) => ({ name, title, loops })),
}

const profilesOf = (workload: string): readonly string[] =>
  Object.entries(PROFILES).flatMap(([profile, { workloads }]) => (workloads.includes(workload) ? [profile] : []))

/** `list`: what the lab knows. */
export function list(program: Command): void {
  program
    .command('list')
    .description('what there is: topologies, servers, suites, clauses, rules for applications, workloads, generators')
    .addArgument(new Argument('[what]', 'one of them; all when absent').choices([...KINDS]))
    .option('--json', 'print one JSON document and nothing else')
    .action(async (what: Kind | undefined, options: { json?: boolean }) => {
      const kinds = what ? [what] : KINDS
      const found = Object.fromEntries(
        await Promise.all(kinds.map(async (kind) => [kind, await ROWS[kind]()] as const)),
      )
      process.stdout.write(options.json ? `${JSON.stringify(what ? found[what] : found, null, 1)}\n` : tables(found))
    })
}

function tables(found: Readonly<Record<string, readonly Row[]>>): string {
  return Object.entries(found)
    .map(([kind, rows]) => {
      const width = Math.max(...rows.map((row) => row.name.length))
      return `${kind}\n${rows.map((row) => `  ${row.name.padEnd(width)}  ${detail(row)}`).join('\n')}\n`
    })
    .join('\n')
}

function detail(row: Row): string {
  if (row['variants']) return `${row['role']}; variants: ${Object.keys(row['variants'] as object).join(', ')}`
  if (row['tiers']) return `${row['title']}: ${(row['tiers'] as string[]).join(', ')}`
  if (row['level']) return `${row['level']} (${row['cites']})`
  if (row['profiles']) return `${row['title']} (${(row['profiles'] as string[]).join(', ')})`
  if (typeof row['clauses'] === 'number') return `${row['title']}, ${row['clauses']} clauses`
  return String(row['title'])
}
