/**
 * Makes characters visible that would command a terminal, reorder a line or be forbidden in HTML: control characters
 * as their symbols, others as `\u202e`. Line feeds and tabs stay.
 */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, (sign) => String.fromCharCode(0x2400 + sign.charCodeAt(0)))
    .replace(
      /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g,
      (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
}

/** Not more than so many characters, with a note of how many are left out. */
export const shortened = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most)} … ${text.length - most} more characters in run.json`
