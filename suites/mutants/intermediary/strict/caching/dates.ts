const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
const TIME = '\\d\\d:\\d\\d:\\d\\d'
/** The preferred form and the two obsolete ones (RFC 9110 §5.6.7), in whatever case (RFC 9111 §4.2). */
const IMF = new RegExp(`^${DAY}, \\d\\d ${MONTH} \\d{4} ${TIME} GMT$`, 'i')
const RFC850 = new RegExp(
  `^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\\d\\d)-(${MONTH})-(\\d\\d) (${TIME}) GMT$`,
  'i',
)
const ASCTIME = new RegExp(`^${DAY} ${MONTH} [\\d ]\\d ${TIME} \\d{4}$`, 'i')

/** An HTTP-date in milliseconds since the epoch; undefined for anything else. */
export function dateOf(text: string): number | undefined {
  const time = Date.parse(standard(text) ?? 'none')
  return Number.isNaN(time) ? undefined : time
}

function standard(text: string): string | undefined {
  if (IMF.test(text)) return text
  if (ASCTIME.test(text)) return `${text} GMT`
  const [, day, month, year, time] = RFC850.exec(text) ?? []
  if (year === undefined) return undefined
  // Two digits mean the most recent such year that is no more than 50 years ahead.
  const now = new Date().getFullYear()
  const full = Math.floor(now / 100) * 100 + Number(year)
  return `${day} ${month} ${full > now + 50 ? full - 100 : full} ${time} GMT`
}
