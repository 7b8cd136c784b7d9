import { expose, type Family } from '../ci/exposition.ts'
import { gateFamilies } from '../ci/gate-families.ts'
import { measuredFamilies } from '../ci/measured-families.ts'
import { planFamilies } from '../ci/plan-families.ts'
import type { Run } from '../run.ts'
import type { Reporter } from './index.ts'

/** What a run measured, judged and gated, as text that Prometheus and its kin take in. */
const openmetrics: Reporter = {
  name: 'openmetrics',
  title: 'Metrics (OpenMetrics)',
  render: async (run) => {
    const found = [...gateFamilies(run), ...planFamilies(run), ...measuredFamilies(run)].filter(
      ({ samples }) => samples.length > 0,
    )
    return found.length === 0 ? [] : [{ name: 'metrics.txt', content: expose([...runFamilies(run), ...found]) }]
  },
}
export default openmetrics

function runFamilies({ id, commit, host, startedAt, finishedAt }: Run): readonly Family[] {
  const { cpu, cpus, os, kernel, architecture, lab } = host
  const labels = { id, lab, ...(commit === null ? {} : { commit }), cpu, cpus: String(cpus), os, kernel, architecture }
  return [
    { name: 'gateway_lab_run', type: 'info', help: 'The run and its machine.', samples: [{ labels, value: 1 }] },
    {
      ...{ name: 'gateway_lab_run_started_timestamp', type: 'gauge', unit: 'seconds', help: 'When the run began.' },
      samples: [{ labels: {}, value: Date.parse(startedAt) / 1000 }],
    },
    {
      ...{ name: 'gateway_lab_run_finished', type: 'gauge', help: 'Whether the run went on to its end.' },
      samples: [{ labels: {}, value: finishedAt === undefined ? 0 : 1 }],
    },
  ]
}
