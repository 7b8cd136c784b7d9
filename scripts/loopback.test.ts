import { expect, test } from 'vitest'
import { checkedUrl } from './loopback.ts'

test.each(['http://127.0.0.1:8000/', 'https://localhost/lab', 'http://[::1]:80/', 'http://127.1.2.3/'])(
  '%s is on this machine',
  (url) => expect(checkedUrl(url, false).href).toBe(new URL(url).href),
)

test.each(['http://192.0.2.1/', 'https://example.org/', 'http://127.0.0.1.example.org/'])(
  '%s is asked for only when that is allowed',
  (url) => {
    expect(() => checkedUrl(url, false)).toThrow(/not on this machine/)
    expect(checkedUrl(url, true).host).toBe(new URL(url).host)
  },
)

test('a URL of another scheme is refused, and https where only http is spoken', () => {
  for (const url of ['ftp://127.0.0.1/', '127.0.0.1:8000', 'nonsense'])
    expect(() => checkedUrl(url, true)).toThrow(/not a URL that the lab can speak to/)
  expect(() => checkedUrl('https://127.0.0.1/', false, ['http'])).toThrow(/not a URL that the lab can speak to/)
})
