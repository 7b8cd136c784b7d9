import { InvalidArgumentError } from 'commander'
import type { Demand } from '../../reports/run.ts'
import { memory, numberBetween } from '../parsers.ts'

/** More than this is a typing error rather than a demand. */
const MOST = {
  rate: 1_000_000,
  milliseconds: 60_000,
  peak: 1000,
  growthPercent: 1000,
  price: 1_000_000,
  memoryBytes: 2 ** 46,
}
/** Less than this nobody measures over a network, in milliseconds. */
const LEAST_MILLISECONDS = 0.1

const NUMBER = String.raw`(\d+(?:\.\d+)?|\.\d+)`
const [DURATION, FACTOR, GROWTH, COST] = [
  new RegExp(`^${NUMBER}(ms|s)$`),
  new RegExp(`^${NUMBER}x?$`),
  new RegExp(`^${NUMBER}%(?:/y)?$`),
  new RegExp(`^(core|gb)=${NUMBER}$`),
]

/** What `pattern` takes out of the text as a number, if that is within the limits; else a sentence with what to write. */
function read(text: string, pattern: RegExp, least: number, most: number, todo: string): RegExpExecArray {
  const match = pattern.exec(text.trim())
  if (!match || !(Number(match[1]) >= least && Number(match[1]) <= most)) throw new InvalidArgumentError(todo)
  return match
}

/** Requests per second. */
export const rps = within(0.01, MOST.rate, `Write requests per second, from 0.01 to ${MOST.rate}, as in 2000.`)

/** `200ms` or `0.2s`, in milliseconds. */
export function duration(text: string): number {
  const todo = `Write a time from ${LEAST_MILLISECONDS}ms to ${MOST.milliseconds / 1000}s with its unit, as in 200ms or 0.2s.`
  const [, amount, unit] = read(text, DURATION, 0, Infinity, todo)
  const milliseconds = Number(amount) * (unit === 's' ? 1000 : 1)
  if (!(milliseconds >= LEAST_MILLISECONDS && milliseconds <= MOST.milliseconds)) throw new InvalidArgumentError(todo)
  return milliseconds
}

/** `3x` or `3`: how many times the average. */
export const peak = (text: string): number =>
  Number(read(text, FACTOR, 1, MOST.peak, `Write how many times the average it is, from 1x to ${MOST.peak}x.`)[1])

/** `30%/y` or `30%`, as a fraction. */
export const growth = (text: string): number =>
  Number(
    read(
      text,
      GROWTH,
      0,
      MOST.growthPercent,
      `Write percent a year from 0% to ${MOST.growthPercent}%, as in 30%/y.`,
    )[1],
  ) / 100

/** A share of requests. */
export const hitRatio = within(0, 1, 'Write a share from 0 to 1, as in 0.8 for 80 %.')

/** `4G`, in bytes. */
export function machineMemory(text: string): number {
  const todo = 'Write what one machine has, from 6M to 65536G, with its unit, as in 4G.'
  const bytes = saying(todo, memory)(text)
  if (bytes > MOST.memoryBytes) throw new InvalidArgumentError(todo)
  return bytes
}

/** `core=20,gb=3`: prices per month. */
export function cost(text: string): NonNullable<Demand['cost']> {
  const todo = `Write prices a month for a core and for a GB of memory, from 0 to ${MOST.price}, as in core=20,gb=3.`
  const prices = text.split(',').map((part): [string, number] => {
    const [, what = '', price] = COST.exec(part.trim()) ?? []
    if (what === '' || Number(price) > MOST.price) throw new InvalidArgumentError(todo)
    return [what, Number(price)]
  })
  const { core, gb } = Object.fromEntries(prices)
  if (core === undefined || gb === undefined || prices.length > 2) throw new InvalidArgumentError(todo)
  return { core, gb }
}

/** A number within limits, refused with a sentence of its own. */
function within(least: number, most: number, todo: string): (text: string) => number {
  return saying(todo, numberBetween(least, most, false))
}

function saying(todo: string, parse: (text: string) => number): (text: string) => number {
  return (text) => {
    try {
      return parse(text)
    } catch {
      throw new InvalidArgumentError(todo)
    }
  }
}
