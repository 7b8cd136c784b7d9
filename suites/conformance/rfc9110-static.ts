import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, type Answer } from '../judging/answer.ts'
import { values, type Head } from '../judging/head.ts'
import { partsOf, type Part } from '../judging/byteranges.ts'
import { exchange, proven, request, type Query } from '../judging/probe.ts'
import { mayServeFiles, ofFile, type StaticFile } from '../judging/static-file.ts'
import { demand, type Experiment, type Suite } from './index.ts'

const LONG_AGO = 'Fri, 01 Jan 2010 00:00:00 GMT'
const ANOTHER = '"lab-another"'
/** What a 304 and a 206 must say as a 200 would have (RFC 9110 §15.3.7, §15.4.5). */
const SAME_AS_200 = ['Cache-Control', 'Content-Location', 'Date', 'ETag', 'Expires', 'Vary']
const REPRESENTATION = ['Content-Encoding', 'Content-Language', 'Content-Type', 'Last-Modified']
const IGNORES_RANGE = { saw: 'answers a request for a part with the whole file' }

/** An entity tag without the mark of a weak one. */
const opaque = (etag: string): string => etag.replace(/^W\//, '')

/** Whether an answer is the whole file. */
function isWhole({ ending, head, body }: Answer, file: StaticFile): boolean {
  return ending === 'complete' && head?.status === 200 && body.equals(file.body)
}

/** The file's entity tag; without one an experiment shows nothing. */
function etagOf({ etag }: StaticFile): string {
  if (etag === undefined) throw new Error('the file has no ETag')
  return etag
}

function demandWhole(answer: Answer, file: StaticFile, what: string): void {
  const got = answer.head?.status === 200 ? `200 with ${answer.body.length} bytes` : describe(answer)
  demand(isWhole(answer, file), `${what} got ${got} instead of 200 with the whole file`)
}

function demandNotModified(answer: Answer, what: string): void {
  demand(answer.head?.status === 304, `${what} got ${describe(answer)} instead of 304`)
}

/** Demands that an answer names the same fields as the 200 did, with the same values where these do not grow with time. */
function demandFields(head: Head, file: StaticFile, names: readonly string[]): void {
  for (const name of names) {
    const [expected, seen] = [file.head, head].map((each) => values(each, name).join(', '))
    if (expected === '') continue
    demand(seen !== '', `the ${head.status} has no ${name}; the 200 had ${expected}`)
    // Dates go on, and Expires with them.
    if (name === 'Date' || name === 'Expires') continue
    demand(seen === expected, `the ${head.status} has the ${name} ${seen}; the 200 had ${expected}`)
  }
}

/** Demands that a part is what its Content-Range says, and lies within one of the ranges that were asked for. */
function demandPart({ range, bytes }: Part, file: StaticFile, asked: readonly (readonly [number, number])[]): void {
  const length = file.body.length
  const [, first, last, of] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range ?? '') ?? []
  const what = range === undefined ? 'a part without Content-Range' : `a part with Content-Range: ${range}`
  const [from, to] = [Number(first), Number(last)]
  demand(of === '*' || Number(of) === length, `${what} came of a file of ${length} bytes`)
  // Ranges may be joined where that saves a part.
  const [least, most] = [Math.min(...asked.map(([at]) => at)), Math.max(...asked.map(([, at]) => at))]
  const wanted = asked.some(([at, end]) => from <= end && to >= at) && from >= least && to <= most
  demand(wanted, `${what} came where ${asked.map((each) => each.join('-')).join(', ')} was asked for`)
  demand(bytes.equals(file.body.subarray(from, to + 1)), `${what} holds other bytes (${bytes.length} of them)`)
}

/** The same representation asked for twice, by a client that takes gzip and by one that does not. */
async function codings(experiment: Experiment, query: Query): Promise<readonly Answer[]> {
  const nonce = experiment.nonce()
  const answers: Answer[] = []
  for (const accepted of ['gzip', 'identity']) {
    const connection = await experiment.connect()
    connection.send(request(experiment.hop, nonce, query, { fields: [`Accept-Encoding: ${accepted}`] }))
    answers.push(proven(await exchange(nonce, connection)).answer)
  }
  return answers
}

/** Demands different or weak entity tags, and Vary, of two answers whose content is encoded differently. */
function demandOwnTags(answers: readonly Answer[], what: string): boolean {
  const [coding, other] = answers.map(({ head }) => values(head!, 'content-encoding').join(', '))
  if (coding === other) return false
  const tags = answers.map(({ head }) => values(head!, 'etag')[0])
  const shared = tags[0] !== undefined && tags[0] === tags[1] && !tags[0].startsWith('W/')
  demand(!shared, `${what} has the ETag ${tags[0]} with the Content-Encoding "${coding}" and with "${other}"`)
  for (const { head } of answers) {
    const vary = values(head!, 'vary').join(', ')
    demand(/accept-encoding|\*/i.test(vary), `${what} is encoded for some, with Vary "${vary}"`)
  }
  return true
}

export default {
  name: 'rfc9110-static',
  title: 'RFC 9110: conditions, ranges and validators of files that a web server serves',
  clauses: {
    'inm.before-ims': {
      level: 'MUST',
      cites: 'RFC 9110 §13.1.3',
      says:
        'A recipient MUST ignore If-Modified-Since if the request contains an If-None-Match header field; the condition in ' +
        'If-None-Match is considered to be a more accurate replacement for the condition in If-Modified-Since',
      experiment:
        "Asks with another ETag and the file's own date, which must get 200, and with its own ETag and a date long ago, " +
        'which must get 304.',
      applies: mayServeFiles,
      check: ofFile(async (file) => {
        const since = `If-Modified-Since: ${file.modified ?? new Date().toUTCString()}`
        const differs = await file.ask([`If-None-Match: ${ANOTHER}`, since])
        demandWhole(differs, file, 'another ETag with the date of the file')
        const own = [`If-None-Match: ${etagOf(file)}`, `If-Modified-Since: ${LONG_AGO}`]
        demandNotModified(await file.ask(own), 'the ETag of the file with a date long ago')
      }),
    },

    'inm.weak-compare': {
      level: 'MUST',
      cites: 'RFC 9110 §13.1.2',
      says:
        'A recipient MUST use the weak comparison function when comparing entity tags for If-None-Match (Section 8.8.3.2), ' +
        'since weak entity tags can be used for cache validation even if there have been changes to the representation ' +
        'data. [...] If the field value is "*", the condition is false if the origin server has a current representation ' +
        'for the target resource. If the field value is a list of entity tags, the condition is false if one of the listed ' +
        'tags matches the entity tag of the selected representation.',
      experiment:
        "Asks with the file's ETag as a strong one, as a weak one, last in a list, and with *, which all must get 304, and " +
        'with other ETags, which must get 200.',
      applies: mayServeFiles,
      check: ofFile(async (file) => {
        const tag = opaque(etagOf(file))
        for (const same of [tag, `W/${tag}`, `${ANOTHER}, W/${ANOTHER}, W/${tag}`, '*'])
          demandNotModified(await file.ask([`If-None-Match: ${same}`]), `If-None-Match: ${same}`)
        for (const other of [ANOTHER, `W/${ANOTHER}, "${tag.slice(1, -2)}"`])
          demandWhole(await file.ask([`If-None-Match: ${other}`]), file, `If-None-Match: ${other}`)
      }),
    },

    'ifmatch.412': {
      level: 'MUST',
      cites: 'RFC 9110 §13.1.1',
      says:
        'An origin server MUST use the strong comparison function when comparing entity tags for If-Match [...]. When an ' +
        'origin server receives a request that selects a representation and that request includes an If-Match header ' +
        'field, the origin server MUST evaluate the If-Match condition per Section 13.2 prior to performing the method.',
      experiment:
        "Asks with If-Match and other ETags, and with the file's own marked as weak, none of which may get the file, then " +
        'with its own in a list and with *, which must.',
      // "A cache or intermediary MAY ignore If-Match".
      applies: (hop) => mayServeFiles(hop) && hop.role !== 'cache',
      check: ofFile(async (file) => {
        const etag = etagOf(file)
        for (const other of [ANOTHER, `${ANOTHER}, "lab-third"`, `W/${opaque(etag)}`]) {
          const { head, ending } = await file.ask([`If-Match: ${other}`])
          const refused = ending === 'complete' && head!.status === 412
          demand(refused, `If-Match: ${other} got ${head?.status ?? 'no answer'} instead of 412; the ETag is ${etag}`)
        }
        const own = etag === opaque(etag) ? [`${ANOTHER}, ${etag}`, '*'] : ['*']
        for (const same of own) demandWhole(await file.ask([`If-Match: ${same}`]), file, `If-Match: ${same}`)
      }),
    },

    'ims.invalid-ignored': {
      level: 'MUST',
      cites: 'RFC 9110 §13.1.3',
      says:
        'A recipient MUST ignore the If-Modified-Since header field if the received field value is not a valid HTTP-date, ' +
        'the field value has more than one member, or if the request method is neither GET nor HEAD.',
      experiment:
        'Asks with an If-Modified-Since that is no date, a date of another format, one of no month, a number, and the date ' +
        'of the file twice: each must get 200.',
      applies: mayServeFiles,
      check: ofFile(async (file) => {
        const twice = file.modified === undefined ? [] : [`${file.modified}, ${file.modified}`]
        const invalid = ['tomorrow', '2099-12-31T23:59:59Z', 'Thu, 31 Foo 2099 23:59:59 GMT', '4102444799', ...twice]
        for (const date of invalid)
          demandWhole(await file.ask([`If-Modified-Since: ${date}`]), file, `If-Modified-Since: ${date}`)
        const valid = await file.ask([`If-Modified-Since: ${file.modified ?? new Date().toUTCString()}`])
        return valid.head?.status === 304 ? undefined : { saw: 'takes no notice of a valid If-Modified-Since either' }
      }),
    },

    'ifrange.mismatch-200': {
      level: 'MUST',
      cites: 'RFC 9110 §13.1.5',
      says:
        'A recipient of an If-Range header field MUST ignore the Range header field if the If-Range condition evaluates to ' +
        'false.',
      experiment:
        'Asks for a range if the file has another ETag, its own marked as weak, an earlier or a later date: each must get ' +
        'the whole file.',
      applies: mayServeFiles,
      check: ofFile(async (file) => {
        const range = 'Range: bytes=100-199'
        if (isWhole(await file.ask([range]), file)) return IGNORES_RANGE
        const later = new Date(Date.parse(file.modified ?? LONG_AGO) + 86_400_000).toUTCString()
        for (const other of [ANOTHER, `W/${opaque(etagOf(file))}`, LONG_AGO, later])
          demandWhole(await file.ask([range, `If-Range: ${other}`]), file, `Range with If-Range: ${other}`)
        return undefined
      }),
    },

    'range.206-fields': {
      level: 'MUST',
      cites: 'RFC 9110 §15.3.7',
      says:
        'A server that generates a 206 response MUST generate the following header fields, in addition to those required in ' +
        'the subsections below, if the field would have been sent in a 200 (OK) response to the same request: Date, ' +
        'Cache-Control, ETag, Expires, Content-Location, and Vary.',
      experiment:
        'Asks for bytes from the middle, from a place to the end, the last ones, and past the end: each 206 must hold what ' +
        'its Content-Range says and the fields of the 200.',
      applies: mayServeFiles,
      check: ofFile(async (file) => {
        const end = file.body.length - 1
        const ranges = [
          ['100-199', 100, 199],
          [`${end - 3}-`, end - 3, end],
          ['-100', end - 99, end],
          [`${end - 3}-${end + 1000}`, end - 3, end],
        ] as const
        let parts = 0
        for (const [spec, first, last] of ranges) {
          const answer = await file.ask([`Range: bytes=${spec}`])
          if (isWhole(answer, file)) continue
          parts += 1
          const { head, body, ending } = answer
          demand(ending === 'complete' && head!.status === 206, `Range: bytes=${spec} got ${describe(answer)}`)
          demandPart({ range: values(head!, 'content-range')[0], bytes: body }, file, [[first, last]])
          demandFields(head!, file, [...SAME_AS_200, ...REPRESENTATION])
        }
        return parts > 0 ? undefined : IGNORES_RANGE
      }),
    },

    'range.416': {
      level: 'SHOULD',
      cites: 'RFC 9110 §15.5.17',
      says:
        'A server that generates a 416 response to a byte-range request SHOULD generate a Content-Range header field ' +
        'specifying the current length of the selected representation (Section 14.4).',
      experiment:
        'Asks for bytes past the end and for the last 0 bytes: a 416 must have the length in Content-Range; the whole file ' +
        'is allowed.',
      applies: mayServeFiles,
      check: ofFile(async (file) => {
        const { length } = file.body
        const whole: string[] = []
        for (const spec of [`${length}-`, `${length + 9}-${length + 99}`, '-0']) {
          const answer = await file.ask([`Range: bytes=${spec}`])
          if (isWhole(answer, file)) {
            whole.push(spec)
            continue
          }
          demand(answer.head?.status === 416, `Range: bytes=${spec} of ${length} bytes got ${describe(answer)}`)
          const [range] = values(answer.head, 'content-range')
          const said = range === undefined ? 'no Content-Range' : `Content-Range: ${range}`
          demand(range === `bytes */${length}`, `the 416 to bytes=${spec} of ${length} bytes has ${said}`)
        }
        return whole.length === 0 ? undefined : { saw: `gets the whole file: bytes=${whole.join(', bytes=')}` }
      }),
    },

    'range.multi': {
      level: 'MUST',
      cites: 'RFC 9110 §15.3.7.2',
      says:
        'If multiple parts are being transferred, the server generating the 206 response MUST generate ' +
        '"multipart/byteranges" content, as defined in Section 14.6, and a Content-Type header field containing the ' +
        '"multipart/byteranges" media type and its required boundary parameter. [...] a server MUST NOT generate a ' +
        'Content-Range header field in the HTTP header section of a multiple part response [...]. Within the header area ' +
        'of each body part in the multipart content, the server MUST generate a Content-Range header field corresponding ' +
        'to the range being enclosed in that body part.',
      experiment:
        'Asks for three ranges far apart: what comes must be multipart/byteranges with the right bytes in each part, or one ' +
        'of the parts; the whole file and 416 are allowed.',
      applies: mayServeFiles,
      check: ofFile(async (file) => {
        const end = file.body.length - 1
        const ranges = [[0, 99] as const, [900, 999] as const, [end - 99, end] as const]
        const answer = await file.ask([`Range: bytes=0-99,900-999,-100`])
        if (isWhole(answer, file)) return { saw: 'answers a request for several parts with the whole file' }
        const { head, body, ending } = answer
        // That three ranges get a 206 is a SHOULD (§14.2).
        if (head?.status === 416) return { saw: 'refuses a request for several parts with 416' }
        demand(ending === 'complete' && head!.status === 206, `a request for three ranges got ${describe(answer)}`)
        const [range] = values(head!, 'content-range')
        const [type = ''] = values(head!, 'content-type')
        if (!type.startsWith('multipart/')) {
          demandPart({ range, bytes: body }, file, ranges)
          return { saw: 'answers a request for several parts with one of them' }
        }
        demand(range === undefined, `the head of a response of several parts has Content-Range: ${range}`)
        const parts = partsOf(type, body)
        demand(parts !== undefined, `several parts came with Content-Type: ${type}, and a body that does not match it`)
        for (const part of parts) demandPart(part, file, ranges)
        demand(parts.length > 0, 'a body of several parts holds none')
        return undefined
      }),
    },

    'range.non-get-ignored': {
      level: 'MUST',
      cites: 'RFC 9110 §14.2',
      says:
        'A server MUST ignore a Range header field received with a request method that is unrecognized or for which range ' +
        'handling is not defined. For this specification, GET is the only method for which range handling is defined.',
      experiment:
        'Sends HEAD with Range: it must get what a HEAD without it gets, 200 and the length of the whole file.',
      applies: mayServeFiles,
      check: ofFile(async (file) => {
        const { head } = await file.ask(['Range: bytes=100-199'], 'HEAD')
        const ranges = head && values(head, 'content-range').map((range) => `, Content-Range: ${range}`)
        demand(
          head?.status === 200 && ranges!.length === 0,
          `HEAD with Range got ${head?.status ?? 'no answer'}${ranges ?? ''}`,
        )
        const [length] = values(head, 'content-length')
        const right = length === undefined || Number(length) === file.body.length
        demand(right, `HEAD with Range got a Content-Length of ${length}; the file has ${file.body.length} bytes`)
      }),
    },

    '304.fields': {
      level: 'MUST',
      cites: 'RFC 9110 §15.4.5',
      says:
        'The server generating a 304 response MUST generate any of the following header fields that would have been sent in ' +
        'a 200 (OK) response to the same request: Content-Location, Date, ETag, and Vary; Cache-Control and Expires (see ' +
        '[CACHING])',
      experiment: "Compares the fields of a 304 to the file's own ETag, and of one to its date, with those of the 200.",
      applies: mayServeFiles,
      check: ofFile(async (file) => {
        const conditions = [`If-None-Match: ${etagOf(file)}`]
        if (file.modified !== undefined) conditions.push(`If-Modified-Since: ${file.modified}`)
        let compared = 0
        for (const condition of conditions) {
          const { head } = await file.ask([condition])
          if (head?.status !== 304) continue
          compared += 1
          demandFields(head, file, SAME_AS_200)
        }
        return compared > 0 ? undefined : { saw: 'answers no condition with 304' }
      }),
    },

    'etag.per-encoding': {
      level: 'MUST',
      cites: 'RFC 9110 §8.8.3, §8.8.1',
      says:
        'If an origin server provides an entity tag for a representation and the generation of that entity tag does not ' +
        'satisfy all of the characteristics of a strong validator (Section 8.8.1), then the origin server MUST mark the ' +
        'entity tag as weak by prefixing its opaque value with "W/" (case-sensitive). [...] if the origin server sends the ' +
        'same validator for a representation with a gzip content coding applied as it does for a representation with no ' +
        'content coding, then that validator is weak.',
      experiment:
        'The application answers a text, then gzip, to a client that takes gzip and to one that does not: where a server ' +
        'encodes or decodes it, the two must have different or weak ETags, and Vary.',
      async check(experiment) {
        const [line, lines] = ['a text that can be made shorter. ', 60]
        const text = line.repeat(lines)
        const header = ['Content-Type: text/html', 'Cache-Control: max-age=60', 'ETag: "lab"', 'Vary: Accept-Encoding']
        const plain = await codings(experiment, { do: 'respond', bare: 1, header, item: line, repeat: lines })
        const zipped = await codings(experiment, {
          do: 'respond',
          bare: 1,
          header: [...header, 'Content-Encoding: gzip'],
          item: gzipSync(text).toString('latin1'),
        })
        for (const { head, body } of [...plain, ...zipped]) {
          const coding = values(head!, 'content-encoding').join(', ')
          // A server may encode once more what the application encoded.
          const read = coding.split(/ *, */).reduce((data, each) => (each === 'gzip' ? gunzipSync(data) : data), body)
          demand(read.toString() === text, `a text arrived with the Content-Encoding "${coding}" as something else`)
        }
        const encodes = demandOwnTags(plain, 'a text of the application')
        const decodes = demandOwnTags(zipped, 'a text that the application encoded')
        if (encodes || decodes) return undefined
        return { saw: 'leaves content codings to the application' }
      },
    },
  },
} satisfies Suite
