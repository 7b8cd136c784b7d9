import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { html, trusted, type Markup } from './template.ts'

const style = ['style.css', 'clauses.css']
  .map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'))
  .join('\n')
/** What is only in pages that say so. */
const gateStyle = readFileSync(new URL('gate.css', import.meta.url), 'utf8')
const planStyle = readFileSync(new URL('plan.css', import.meta.url), 'utf8')

/** What makes a page of a report. */
export interface Page {
  readonly title: string
  readonly heading: string
  /** Below the heading: when, what and on which machine. */
  readonly line: string
  /** Links to the page's sections and to other files of the report, in the order they are shown. */
  readonly links: readonly (readonly [href: string, text: string])[]
  /** Name of the section that a keyboard's reader wants first. */
  readonly first: string
  readonly main: Markup
  readonly footer: Markup
  /** JSON that the scripts read, by the id of its element. */
  readonly data?: readonly [id: string, content: Markup]
  readonly scripts: readonly string[]
  /** Lets a page with a wide table use the whole width of the window. */
  readonly wide?: true
  /** Brings the style of gates and of their history. */
  readonly gate?: true
  /** Brings the style of plans. */
  readonly plan?: true
}

/** A whole page as one text that needs nothing else: no server, no network, and no script to be read. */
export function renderShell(page: Page): string {
  const { title, heading, line, links, first, main, footer, data, scripts, wide, gate, plan } = page
  const css = [style, ...(gate ? [gateStyle] : []), ...(plan ? [planStyle] : [])].join('\n')
  const sources = ["default-src 'none'", `style-src ${hash(css)}`, `script-src ${scripts.map(hash).join(' ')}`]
  const policy = [...sources, "base-uri 'none'", "form-action 'none'"].join('; ')
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${element('style', css)}
      </head>
      <body class="${wide && 'wide'}">
        <a class="skip" href="#${first}">To the content</a>
        <header>
          <h1>${heading}</h1>
          <nav aria-label="Sections">
            ${links.map(([href, text]) => html`<a href="${href}">${text}</a> `)}
            <button type="button" id="theme" hidden>Dark theme</button>
          </nav>
          <p class="line">${line}</p>
        </header>
        <main>${main}</main>
        <footer><p>${footer}</p></footer>
        ${
          data !== undefined &&
          html`<script type="application/json" id="${data[0]}">
            ${data[1]}
          </script>`
        }
        ${scripts.map((script) => element('script', script))}
      </body>
    </html> `.markup
}

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Made by hand, because the policy's hash is that of the content to the last blank, which a formatter may move. */
const element = (name: 'style' | 'script', content: string): Markup => trusted(`<${name}>${content}</${name}>`)
