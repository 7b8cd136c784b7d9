import { seeded } from '../../reports/statistics.ts'
import type { Load } from '../generators/index.ts'
import type { Expectation, Part } from '../load/index.ts'

/** One request, ready to be written. */
export interface Request {
  readonly bytes: Buffer
  readonly expects: Expectation | undefined
  readonly isHead: boolean
  /** Whether its answer says when it was made, so that a cache's answers can be told. */
  readonly isStamped: boolean
}

/** What a load asks for, one request after the other, in the same order for the same seed. */
export function requestsOf(load: Load): () => Request {
  const url = new URL(load.url)
  if (!load.mix) {
    const path = url.pathname + url.search
    const only = request(url, path, load, load.expects)
    return () => only
  }
  const random = seeded(load.seed ?? 1)
  const parts = load.mix.map((part) => ({ part, next: requestsOfPart(url, part, load, random) }))
  return () => {
    let left = random()
    return (parts.find(({ part }) => (left -= part.share) < 0) ?? parts.at(-1)!).next()
  }
}

function requestsOfPart(url: URL, { path, pages, expects }: Part, load: Load, random: () => number): () => Request {
  if (!pages) {
    const only = request(url, path, load, expects)
    return () => only
  }
  const popular = zipf(pages.count, pages.exponent)
  const { index, of } = load.share ?? { index: 0, of: 1 }
  // What another load asked for within the minute may still be in a cache: these numbers come from the clock, 1000 for
  // every millisecond, so that none comes twice within a day.
  let fresh = pages.count + (Date.now() % 86_400_000) * 1000 + index
  return () => {
    const isPopular = random() < pages.hitRatio
    const page = isPopular ? popular(random()) : fresh
    if (!isPopular) fresh += of
    return request(url, path.replace('{page}', String(page)), load, expects, true)
  }
}

/**
 * Numbers from 0 to count - 1 by Zipf's law: the k-th most popular is asked for in proportion to 1 / k^exponent. Takes a
 * number from 0 to 1, evenly distributed.
 */
export function zipf(count: number, exponent: number): (uniform: number) => number {
  let sum = 0
  const upTo = Float64Array.from({ length: count }, (_, rank) => (sum += (rank + 1) ** -exponent))
  return (uniform) => {
    const sought = uniform * sum
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (upTo[middle]! > sought) high = middle
      else low = middle + 1
    }
    return low
  }
}

function request(
  url: URL,
  path: string,
  { method = 'GET', uploadBytes, connection }: Load,
  expects: Expectation | undefined,
  isStamped = false,
): Request {
  const lines = [
    `${uploadBytes === undefined ? method : 'POST'} ${path} HTTP/1.1`,
    `Host: ${url.host}`,
    ...(connection === 'close' ? ['Connection: close'] : []),
    ...(uploadBytes === undefined ? [] : ['Content-Type: application/octet-stream', `Content-Length: ${uploadBytes}`]),
  ]
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  const bytes = uploadBytes === undefined ? head : Buffer.concat([head, Buffer.alloc(uploadBytes, 'x')])
  return { bytes, expects, isHead: uploadBytes === undefined && method === 'HEAD', isStamped }
}
