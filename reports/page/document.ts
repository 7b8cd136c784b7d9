import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chartDefinitions } from '../charts/definitions.ts'
import { chartConfiguration } from '../charts/drawing.ts'
import { chartMarks } from '../charts/marks.ts'
import { dark, light } from '../charts/themes.ts'
import type { Run } from '../run.ts'
import { summaryLine, when } from '../words/wording.ts'
import { answerSection } from './answer.ts'
import { behave } from './behaviour.ts'
import { conformanceSection } from './conformance.ts'
import { isolationSection } from './isolation.ts'
import { numbersSection } from './numbers.ts'
import { caveatsSection, setupSection } from './setup.ts'
import { embedded, html, trusted, type Markup } from './template.ts'

const { resolve } = createRequire(import.meta.url)

/** Chart.js as one script, its licence on top; without the link to a map that is not there. */
const library = readFileSync(new URL('chart.umd.min.js', `file://${resolve('chart.js')}`), 'utf8').replace(
  /\n\/\/# sourceMappingURL=.*\s*$/,
  '\n',
)
const style = readFileSync(new URL('style.css', import.meta.url), 'utf8')
const program = `(${behave})({ Chart, configure: ${chartConfiguration}, mark: ${chartMarks}, ...JSON.parse(document.getElementById('charts').textContent) })`

/** The whole page as one text that needs nothing else: no server, no network, and no script to be read. */
export function renderPage(run: Run): string {
  const charts = chartDefinitions(run)
  const isolated = isolationSection(run)
  const policy = `default-src 'none'; style-src ${hash(style)}; script-src ${hash(library)} ${hash(program)}; base-uri 'none'; form-action 'none'`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>Gateway Lab, ${when(run.startedAt)}</title>
        ${element('style', style)}
      </head>
      <body>
        <a class="skip" href="#answer">To the answer</a>
        <header>
          <h1>Gateway Lab</h1>
          <nav aria-label="Sections">
            <a href="#conformance">Conformance</a>
            <a href="#numbers">Numbers</a> ${isolated !== false && html`<a href="#isolation">Containers</a>`}
            <a href="#setup">Setup</a> <a href="#caveats">Limits</a> <a href="run.json">run.json</a>
            <button type="button" id="theme" hidden>Dark theme</button>
          </nav>
          <p class="line">${summaryLine(run)}</p>
        </header>
        <main>
          ${answerSection(run)} ${conformanceSection(run)} ${numbersSection(run, charts)} ${isolated}
          ${setupSection(run)} ${caveatsSection(run)}
        </main>
        <footer>
          <p>
            Made by Gateway Lab ${run.host.lab} from <a href="run.json">run.json</a>. Charts are drawn by Chart.js, MIT
            licence, © its contributors.
          </p>
        </footer>
        <script type="application/json" id="charts">
          ${embedded({ definitions: charts, themes: { light, dark } })}
        </script>
        ${element('script', library)} ${element('script', program)}
      </body>
    </html> `.markup
}

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Made by hand, because the policy's hash is that of the content to the last blank, which a formatter may move. */
const element = (name: 'style' | 'script', content: string): Markup => trusted(`<${name}>${content}</${name}>`)
