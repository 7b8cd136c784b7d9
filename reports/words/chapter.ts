/** A table of a chapter; every cell is text. */
export interface ChapterTable {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** One question of a chapter, with its answer. */
export interface ChapterPart {
  readonly id: string
  readonly title: string
  /** The answers alone, each in a sentence: what a reader sees first. */
  readonly answers: readonly string[]
  /** What is to be said beyond them. */
  readonly says: readonly string[]
  /** Names of its charts. */
  readonly charts: readonly string[]
  readonly table: ChapterTable | undefined
}

/** A part of which nothing was found out but that. */
export const unknownPart = (id: string, title: string, says: string): ChapterPart => ({
  id,
  title,
  answers: [says],
  says: [],
  charts: [],
  table: undefined,
})

/** A chapter of the report as words and numbers, before it becomes a page or Markdown. */
export interface Chapter {
  readonly id: string
  readonly title: string
  /** What it is called where there is little room. */
  readonly inShort: string
  /** What could not be found out. */
  readonly problems: readonly string[]
  readonly parts: readonly ChapterPart[]
  readonly limitsTitle: string
  /** What its numbers do not mean. */
  readonly limits: readonly string[]
}

/** What a chapter found, in short. */
export const chapterInShort = (chapter: Chapter | undefined): readonly string[] =>
  chapter === undefined ? [] : [...chapter.parts.flatMap(({ answers }) => answers), ...chapter.problems]
