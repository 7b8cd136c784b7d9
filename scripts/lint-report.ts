import type { LintFinding, LintOutcome, Place, Sighting } from '../suites/linting/index.ts'
import { rules } from '../suites/linting/rules.ts'

/** How many sightings of a rule are shown at each place; the others say the same. */
const SHOWN = 2
const WIDTH = 110

/** What a lint found, for people: a block for each rule that is broken, then how it stands with all the others. */
export function renderLint(places: readonly Place[], found: readonly LintFinding[]): string {
  const of = (outcome: LintOutcome) => found.filter((finding) => finding.outcome === outcome)
  const rest = [
    ...of('not reached').map(({ rule }) => indented(`not reached: ${rule}, only when ${rules[rule]!.arises}`)),
    ...[...Map.groupBy(of('not testable'), ({ rule }) => rules[rule]!.untestable!)].map(([because, same]) =>
      indented(`not testable: ${same.map(({ rule }) => rule).join(', ')}, because ${because}`),
    ),
  ]
  const tally = (['kept', 'broken', 'not reached', 'not testable'] as const).map(
    (outcome) => `${of(outcome).length} ${outcome}`,
  )
  const advice = of('advice').length
  return [
    ...places.map(asked),
    '',
    ...[...of('broken'), ...of('advice')].map(block),
    ...rest,
    ...(rest.length > 0 ? [''] : []),
    `${found.length} rules: ${tally.join(', ')}${advice > 0 ? `, ${advice} with advice` : ''}`,
    '',
  ].join('\n')
}

const asked = ({ where, answers }: Place) =>
  `${where}\n${indented(answers.map(({ request, words }) => `${request}: ${words}`).join(', '), '  ')}`

function block({ rule, level, outcome, seen }: LintFinding): string {
  const { says, cites, advice } = rules[rule]!
  const places = [...Map.groupBy(seen, ({ where }) => where)]
  return [
    `${outcome.padEnd(7)} ${rule} (${level === 'RECORD' ? 'forbidden by nothing, but servers differ' : level})`,
    indented(`“${says}” (${cites})`, '  '),
    ...places.flatMap(([where, of]) => [`  seen ${where}`, ...of.slice(0, SHOWN).map(sighting), ...more(of)]),
    indented(`to do: ${advice}`, '  '),
    '',
  ].join('\n')
}

const sighting = ({ request, saw, answer }: Sighting) =>
  indented(`${request}: ${saw}${answer ? `; the client got ${answer}` : ''}`, '    ')

const more = (seen: readonly Sighting[]) => (seen.length > SHOWN ? [`    and ${seen.length - SHOWN} times more`] : [])

/** Words broken into lines, all of them indented. */
function indented(words: string, by = ''): string {
  const lines = ['']
  for (const word of words.split(' ')) {
    const line = lines.at(-1)!
    if (line !== '' && by.length + line.length + 1 + word.length > WIDTH) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => `${by}${line}`).join('\n')
}
