import { InvalidArgumentError } from 'commander'
import type { Run } from '../reports/run.ts'

/** Loads at which workloads are measured instead of their own. */
export type Sweep = NonNullable<Run['sweep']>

/** The most connections that a load may keep open. */
const MOST_CONNECTIONS = 10_000
/** The most requests per second that a load may ask for. */
const HIGHEST_RATE = 1_000_000
const LOWEST_RATE = 0.01
/** More points than this make no better curve, only a longer run. */
const MOST_VALUES = 20
/** Docker's own lower limit. */
const SMALLEST_MEMORY = 6 * 1024 ** 2

/** Lists of words, comma-separated and repeatable. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, ...value.split(',')]

/** A number of at least `least` and at most `most`. */
export function numberBetween(least: number, most: number, whole = true): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
      throw new InvalidArgumentError(`It must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`)
    }
    return value
  }
}

/** How many connections a load keeps open. */
export const connections = numberBetween(1, MOST_CONNECTIONS)

/** Requests per second of an open loop; a slow one may be a fraction. */
export const rate = numberBetween(LOWEST_RATE, HIGHEST_RATE, false)

/** `256M`, `1.5G` or a number of bytes, in bytes. */
export function memory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMG]?)i?B?$/i.exec(text.trim())
  const value = match && Number(match[1]) * 1024 ** ' KMG'.indexOf(match[2]!.toUpperCase() || ' ')
  if (!value || value < SMALLEST_MEMORY) throw new InvalidArgumentError('Write a size of at least 6M, as in 256M.')
  return Math.floor(value)
}

/** `connections=1,2,4` or `rate=100,200`: each value once, the smallest first. */
export function sweep(text: string): Sweep {
  const [, by, list = ''] = /^(connections|rate)=(.*)$/.exec(text.trim()) ?? []
  if (by !== 'connections' && by !== 'rate')
    throw new InvalidArgumentError('Write connections=1,2,4,8 or rate=100,200,400.')
  const values = [...new Set(list.split(',').map(by === 'rate' ? rate : connections))].sort((a, b) => a - b)
  if (values.length > MOST_VALUES)
    throw new InvalidArgumentError(`Write at most ${MOST_VALUES} values, not ${values.length}.`)
  return { by, values }
}
