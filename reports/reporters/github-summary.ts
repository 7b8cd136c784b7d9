import { stepSummary } from '../ci/step-summary.ts'
import type { Reporter } from './index.ts'

/** The run in short, for the page of a job of GitHub Actions. */
const githubSummary: Reporter = {
  name: 'github-summary',
  title: 'Step summary (GitHub Actions)',
  render: async (run) => {
    const content = stepSummary(run)
    return content === undefined ? [] : [{ name: 'summary.md', content }]
  },
}
export default githubSummary
