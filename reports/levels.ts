import type { Level } from './run.ts'

/** How binding rules are, coarsely, the most binding first: what no keyword rules is counted apart from what one does. */
export const bindings = {
  MUST: 'MUST and MUST NOT',
  SHOULD: 'SHOULD and SHOULD NOT',
  prose: 'Prose, MAY and what is only recorded',
} as const
/** A coarse level. */
export type Binding = keyof typeof bindings

/** The coarse level of a level. */
export function bindingOf(level: Level): Binding {
  if (level.startsWith('MUST')) return 'MUST'
  return level.startsWith('SHOULD') ? 'SHOULD' : 'prose'
}

/** What has a level, apart by coarse level, the most binding first. */
export function byBinding<Leveled extends { readonly level: Level }>(
  all: readonly Leveled[],
): readonly (readonly [Binding, readonly Leveled[]])[] {
  return (Object.keys(bindings) as Binding[])
    .map((binding) => [binding, all.filter(({ level }) => bindingOf(level) === binding)] as const)
    .filter(([, own]) => own.length > 0)
}

/** How many there are of each coarse level: `3 MUST, 5 SHOULD`, or `2 of 3 MUST` when a total is given. */
export function levelsText(levels: readonly Level[], total?: readonly Level[]): string {
  const of = (binding: Binding, all: readonly Level[]): number =>
    all.filter((level) => bindingOf(level) === binding).length
  return (Object.keys(bindings) as Binding[])
    .filter((binding) => of(binding, total ?? levels) > 0)
    .map((binding) => `${of(binding, levels)}${total ? ` of ${of(binding, total)}` : ''} ${binding}`)
    .join(', ')
}
