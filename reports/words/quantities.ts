/** A number with thousands separated and about three figures that mean something: `17,400`, `3.62`. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return 'unknown'
  const digits = Math.abs(value) >= 100 || value === 0 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toFixed(digits).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Requests per second. */
export const perSecond = (value: number): string => `${number(value)}/s`

/** A time given in milliseconds. */
export const milliseconds = (value: number): string => `${number(value)}\u00a0ms`

/** A time given in microseconds. */
export const microseconds = (value: number): string => `${number(value)}\u00a0µs`

/** An amount of memory given in bytes, in MiB. */
export const mebibytes = (value: number): string => `${number(value / 1024 ** 2)}\u00a0MiB`

/** A share from 0 to 1. */
export const percent = (value: number): string => `${Math.round(value * 100)}\u00a0%`

/** How many times more: `2.10×`, `0.131×`. */
export const times = (ratio: number): string => `${ratio >= 10 ? number(ratio) : ratio.toFixed(ratio < 0.3 ? 3 : 2)}×`

/** `1 repeat`, `3 repeats`. */
export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[], last = 'and'): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`
}

/** The same for a first glance: of many items only the first few. */
export function shortList(items: readonly string[], last: 'and' | 'or' = 'and', most = 4): string {
  if (items.length <= most) return list(items, last)
  const left = items.length - most + 1
  return `${items.slice(0, most - 1).join(', ')} ${last === 'or' ? 'or one of' : 'and'} ${left} more`
}
