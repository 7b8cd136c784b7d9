import { splitClause, type Untestable } from '../conformance.ts'
import { html, type Markup } from './template.ts'

/** The clauses that nobody can check from outside, folded, with the reasons. */
export function untestableList(clauses: readonly Untestable[]): Markup | false {
  if (clauses.length === 0) return false
  return html`<h3 id="untestable">What cannot be tested from outside</h3>
    <p class="note">
      These sentences bind servers as well, but no experiment from outside can show whether they are kept. They are
      counted nowhere.
    </p>
    ${clauses.map(({ clause, level, cites, says, because }) => {
      const [suite, id] = splitClause(clause)
      return html`<details class="card" id="clause-${clause}">
        <summary><strong>${id}</strong> <small>${level} · ${cites} · ${suite}</small></summary>
        <blockquote>${says} <cite>${cites}</cite></blockquote>
        <p><b>Not testable</b>: ${because}</p>
      </details>`
    })}`
}
