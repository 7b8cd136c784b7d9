import { hasMatrix, renderMatrix } from '../page/matrix-document.ts'
import { renderMatrixMarkdown } from '../words/matrix-markdown.ts'
import type { Reporter } from './index.ts'

/** Rules against servers, as a page and as text to link to; nothing for a run that judged nothing. */
const matrix: Reporter = {
  name: 'matrix',
  title: 'Conformance matrix (HTML and Markdown)',
  render: async (run) =>
    hasMatrix(run)
      ? [
          { name: 'matrix.html', content: renderMatrix(run) },
          { name: 'matrix.md', content: renderMatrixMarkdown(run) },
        ]
      : [],
}
export default matrix
