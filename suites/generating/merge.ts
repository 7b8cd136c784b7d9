import { decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import type { Recording, Schedule } from '../generators/index.ts'
import { mostFrequent } from './recorder.ts'

/** What several processes recorded of one load that they produced together, in windows that began at the same time. */
export function mergeRecordings(recordings: readonly [Recording, ...Recording[]]): Recording {
  const [first, ...others] = recordings
  if (others.length === 0) return first
  const sum = (of: (recording: Recording) => number): number =>
    recordings.reduce((total, recording) => total + of(recording), 0)
  /** What some generators do not tell is told only where all do. */
  const every = <Value>(of: (recording: Recording) => Value | undefined): readonly Value[] | undefined => {
    const values = recordings.map(of)
    return values.every((value) => value !== undefined) ? values : undefined
  }
  const completed = every((recording) => recording.completed)
  const connects = every((recording) => recording.connects)
  const stamped = every((recording) => recording.stamped)
  const slices = every((recording) => recording.slices)
  const schedules = every((recording) => recording.schedule)
  return {
    requests: sum(({ requests }) => requests),
    errors: sum(({ errors }) => errors),
    errorKinds: mergeKinds(recordings.map(({ errorKinds }) => errorKinds)),
    timeouts: sum(({ timeouts }) => timeouts),
    bytes: sum(({ bytes }) => bytes),
    seconds: sum(({ seconds }) => seconds) / recordings.length,
    histogram: mergeHistograms(recordings.map(({ histogram }) => histogram)),
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
    // One that could not go faster held its share of the load up.
    busiestCpuSeconds: Math.max(...recordings.map(({ cpuSeconds }) => cpuSeconds)),
    eventLoopUtilization: Math.max(...recordings.map(({ eventLoopUtilization }) => eventLoopUtilization)),
    delayed: recordings.some(({ delayed }) => typeof delayed !== 'number')
      ? null
      : Math.max(...recordings.map(({ delayed }) => delayed ?? 0)),
    ...(completed ? { completed: total(completed) } : {}),
    ...(connects ? { connects: total(connects) } : {}),
    ...(stamped
      ? {
          stamped: {
            answers: total(stamped.map((each) => each.answers)),
            hits: total(stamped.map((each) => each.hits)),
          },
        }
      : {}),
    ...(slices ? { slices: slices[0]!.map((_, index) => mergeHistograms(slices.map((each) => each[index]!))) } : {}),
    ...(schedules ? { schedule: mergeSchedules(schedules) } : {}),
  }
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

function mergeHistograms(encoded: readonly string[]): string {
  const [merged, ...others] = encoded.map((histogram) => decodeFromCompressedBase64(histogram))
  for (const other of others) merged!.add(other)
  return encodeIntoCompressedBase64(merged!)
}

const mergeSchedules = (schedules: readonly Schedule[]): Schedule => ({
  due: total(schedules.map(({ due }) => due)),
  queued: total(schedules.map(({ queued }) => queued)),
  lateness: mergeHistograms(schedules.map(({ lateness }) => lateness)),
})

function mergeKinds(each: readonly Recording['errorKinds'][]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const [kind, count] of each.flatMap(Object.entries<number>)) counts.set(kind, (counts.get(kind) ?? 0) + count)
  return mostFrequent(counts)
}
