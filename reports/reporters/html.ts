import { renderPage } from '../page/document.ts'
import type { Reporter } from './index.ts'

/** The report to read: one HTML file that works offline. */
const html: Reporter = {
  name: 'html',
  title: 'Report (HTML)',
  render: async (run) => [{ name: 'report.html', content: renderPage(run) }],
}
export default html
