import type { Case } from '../ci/case.ts'
import { cases } from '../ci/cases.ts'
import { element, text, type Xml } from '../ci/xml.ts'
import type { Run } from '../run.ts'
import type { Reporter } from './index.ts'

/** What CI systems show as tests: a case per clause and hop, and one per gated metric. */
const junit: Reporter = {
  name: 'junit',
  title: 'Tests (JUnit XML)',
  render: async (run) => {
    const all = cases(run)
    return all.length === 0 ? [] : [{ name: 'junit.xml', content: document(run, all) }]
  },
}
export default junit

function document(run: Run, all: readonly Case[]): string {
  const suites = [...Map.groupBy(all, ({ suite }) => suite)].map(([name, own]) =>
    element(
      'testsuite',
      {
        name,
        ...counts(own),
        skipped: own.filter(({ outcome }) => outcome === 'skipped').length,
        timestamp: second(run),
      },
      ...own.map(testcase),
    ),
  )
  const root = element('testsuites', { name: 'Gateway Lab', ...counts(all) }, ...suites)
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.xml}`
}

const counts = (all: readonly Case[]): Readonly<Record<'tests' | 'failures' | 'errors', number>> => ({
  tests: all.length,
  failures: all.filter(({ outcome }) => outcome === 'failed').length,
  errors: all.filter(({ outcome }) => outcome === 'error').length,
})

/** In UTC, as the schema of Apache Ant has it: without fractions or a zone. */
const second = ({ startedAt }: Run): string => new Date(startedAt).toISOString().slice(0, 19)

function testcase({ group, name, outcome, type, message, details }: Case): Xml {
  const body = details === undefined ? [] : [text(details)]
  const children = {
    passed: () => (details === undefined ? [] : [element('system-out', {}, ...body)]),
    failed: () => [element('failure', { type, message }, ...body)],
    error: () => [element('error', { type, message }, ...body)],
    skipped: () => [element('skipped', { type, message })],
  }[outcome]()
  return element('testcase', { classname: group, name }, ...children)
}
