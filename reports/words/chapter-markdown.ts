import { chapterInShort, type Chapter } from './chapter.ts'
import { plain, table } from './markdown-text.ts'

/** A chapter as a section of the Markdown report; empty where there is none. */
export function chapterMarkdown(chapter: Chapter | undefined): readonly string[] {
  if (chapter === undefined) return []
  const { title, parts, limitsTitle, limits } = chapter
  return [
    `## ${plain(title)}`,
    bullets(chapterInShort(chapter)),
    ...parts.flatMap((part) => [
      `### ${plain(part.title)}`,
      ...(part.says.length === 0 ? [] : [bullets(part.says)]),
      ...part.charts.map((name) => `![${plain(part.title)}](${name}.png)`),
      ...(part.table === undefined
        ? []
        : [
            table(
              part.table.head.map(plain),
              part.table.rows.map((row) => row.map(plain)),
            ),
          ]),
    ]),
    `### ${plain(limitsTitle)}`,
    bullets(limits),
  ]
}

const bullets = (sentences: readonly string[]): string => sentences.map((each) => `- ${plain(each)}`).join('\n')
