import { Run } from '../run.ts'
import type { Reporter } from './index.ts'

/** The run itself, from which every other report can be made again. */
const json: Reporter = {
  name: 'json',
  title: 'Run (JSON)',
  render: async (run) => [{ name: 'run.json', content: `${JSON.stringify(Run.parse(run), null, 2)}\n` }],
}
export default json
