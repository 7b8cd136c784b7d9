import { annotations } from '../ci/annotations.ts'
import { asMuchAsShown, workflowCommand } from '../ci/workflow-command.ts'
import type { Reporter } from './index.ts'

/** What GitHub Actions shows beside a job once these lines are in its log. */
const githubAnnotations: Reporter = {
  name: 'github-annotations',
  title: 'Annotations (GitHub Actions)',
  render: async (run) => {
    const lines = asMuchAsShown(annotations(run)).map(workflowCommand)
    return lines.length === 0 ? [] : [{ name: 'annotations.txt', content: `${lines.join('\n')}\n` }]
  },
}
export default githubAnnotations
