import type { Cell } from '../conformance.ts'
import type { Result, Run, Verdict } from '../run.ts'
import { outcomeWords } from '../words/columns.ts'
import { remediesOf } from '../remedies.ts'
import { reproduceCommand } from '../words/commands.ts'
import { plural } from '../words/quantities.ts'
import { shortened } from '../words/visible.ts'
import { sign } from './signs.ts'
import { html, type Markup } from './template.ts'

/** Characters of a message shown, so that a page of hundreds of deviations stays small. */
const mostEvidence = 1500

/**
 * What was seen of a clause at hops of one chain, in the order a request meets them: the reasons beside one another,
 * folded the messages at each, so that what went in and out before and after the guilty hop can be compared, and the
 * command that does it again, there or at all the results named.
 */
export function hops(
  run: Run,
  { name, result }: Pick<Cell, 'name' | 'result'>,
  verdicts: readonly Verdict[],
  again: readonly Result[] = [result],
): Markup {
  const titled = ({ role, server }: Verdict): string =>
    result.tiers.find((tier) => tier.role === role && tier.server === server)?.title ?? server
  const reason = ({ because }: Verdict): Markup | false =>
    because !== undefined && html`<p class="because">${because}</p>`
  return html`${
    verdicts.length === 1
      ? reason(verdicts[0]!)
      : html`<div class="hops">
          ${verdicts.map(
            (verdict) =>
              html`<div>
                <p>
                  ${sign(verdict.outcome)} <b>${titled(verdict)}</b> <span class="label">(${verdict.role})</span>:
                  ${outcomeWords[verdict.outcome]}
                </p>
                ${reason(verdict)}
              </div>`,
          )}
        </div>`
  }
  ${remedies(result, verdicts)} ${evidence(name, verdicts, titled, tierNamed(result))}
  ${command(reproduceCommand(run, again, verdicts[0]!.clause))}`
}

/** Lines with which the rule was kept at one of these hops when they were tried. */
const remedies = (result: Result, verdicts: readonly Verdict[]): readonly Markup[] =>
  remediesOf(result, verdicts).map(
    ({ line, says, title }) =>
      html`<p class="remedy">
        <b>Kept with</b> <code>${line}</code> in ${title}, tried in this run. <span class="label">${says}</span>
      </p>`,
  )

/** A command that breaks between its options only, so that it can be read where it does not fit on a line. */
const command = (text: string): Markup =>
  html`<pre class="command" tabindex="0">
${text.split(/ (?=--\w)/).map((part, index) => html`${index > 0 && ' '}<span>${part}</span>`)}</pre>`

/** A server's title where it is one of the tiers; any other peer says who it is itself. */
const tierNamed =
  ({ tiers }: Result) =>
  (name: string | undefined): string | undefined =>
    tiers.find(({ server }) => server === name)?.title ?? name

function evidence(
  name: string,
  verdicts: readonly Verdict[],
  titled: (verdict: Verdict) => string,
  named: (peer: string | undefined) => string | undefined,
): Markup | false {
  const conversations = Math.max(0, ...verdicts.map((each) => each.evidence?.length ?? 0))
  const logged = verdicts.some(({ events }) => events !== undefined)
  if (conversations === 0 && !logged) return false
  const beside = (content: (verdict: Verdict) => Markup | false): Markup =>
    html`<div class="hops">${verdicts.map((verdict) => html`<div>${content(verdict)}</div>`)}</div>`
  return html`<details class="evidence">
    <summary>
      Sent and received${verdicts.length > 1 && ' at each hop'}
      <small
        >${plural(conversations, 'conversation')}${logged && ', and what the application logged'}, at ${name}</small
      >
    </summary>
    ${Array.from({ length: conversations }, (_, index) =>
      beside((verdict) => {
        const one = verdict.evidence?.[index]
        if (one === undefined)
          return (
            index === 0 &&
            html`<p class="label">Nothing kept of ${titled(verdict)}: ${outcomeWords[verdict.outcome]}</p>`
          )
        const to = named(one.to) ?? titled(verdict)
        const from = named(one.from)
        return html`<p class="label">Sent${from !== undefined && ` by ${from}`} to ${to}</p>
          <pre tabindex="0">${shortened(one.sent, mostEvidence)}</pre>
          <p class="label">Received${from !== undefined && ` by ${from}`} from ${to}</p>
          <pre tabindex="0">${shortened(one.received, mostEvidence)}</pre>`
      }),
    )}
    ${
      logged &&
      beside(
        ({ events, ...verdict }) =>
          events !== undefined &&
          html`<p class="label">What the application logged behind ${titled(verdict)}</p>
            <pre tabindex="0">${shortened(events.join('\n'), mostEvidence)}</pre>`,
      )
    }
  </details>`
}
