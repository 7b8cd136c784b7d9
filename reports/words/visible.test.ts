import { expect, test } from 'vitest'
import { fenced, plain, table } from './markdown-text.ts'
import { embedded, html, trusted } from '../page/template.ts'
import { shortened, visible } from './visible.ts'

test('control characters, reordering marks and lone surrogates are shown, not obeyed', () => {
  expect(visible('a\u0000b\u001b[31mc\rd')).toBe('a␀b␛[31mc␍d')
  expect(visible('a\u202eb\u009bc\ufeff')).toBe('a\\u202eb\\u009bc\\ufeff')
  expect(visible('\ud800x')).toBe('\ufffdx')
  expect(visible('line\n\ttab, “ü” 🚀')).toBe('line\n\ttab, “ü” 🚀')
})

test('what is put into HTML is escaped, in text and in attributes', () => {
  expect(html`<p title="${`"><script>'`}">${'<b>&'}</p>`.markup).toBe(
    '<p title="&quot;&gt;&lt;script&gt;&#39;">&lt;b&gt;&amp;</p>',
  )
})

test('markup in HTML stays markup, lists are joined, nothing leaves nothing', () => {
  expect(html`${[1, 2].map((each) => html`<i>${each}</i>`)}${false}${undefined}${null}${trusted('<hr>')}`.markup).toBe(
    '<i>1</i><i>2</i><hr>',
  )
})

test('embedded JSON cannot end its script', () => {
  const value = { text: '</script><!--<script>\u2028' }
  expect(embedded(value).markup).not.toMatch(/[<>\u2028]/)
  expect(JSON.parse(embedded(value).markup)).toEqual(value)
})

test('Markdown shows text as it is', () => {
  expect(plain('<b>|*x* [a](b) `c`\nd')).toBe('&lt;b\\>\\|\\*x\\* \\[a\\](b) \\`c\\` d')
  expect(table(['a'], [[plain('x|y')]])).toBe('| a |\n| --- |\n| x\\|y |')
  expect(fenced('```\nx')).toBe('````text\n```\nx\n````')
})

test('long text is cut with a note', () => {
  expect(shortened('abcdef', 4)).toBe('abcd … 2 more characters in run.json')
  expect(shortened('abcd', 4)).toBe('abcd')
})
