/** `gunicorn/sync alone`, `gunicorn/sync behind nginx`: a chain as readers of the study see it. */
export function serversWord(servers: readonly string[]): string {
  const outer = servers.slice(0, -1).map((server) => server.split('/')[0]!)
  return outer.length === 0 ? `${servers.at(-1)!} alone` : `${servers.at(-1)!} behind ${outer.join(' and ')}`
}

/** What the measured clients of a workload are like. */
export const clientsWord = (workload: string): string =>
  ({
    time: 'Connections kept alive',
    'time-close': 'A connection per request',
    'slow-clients': 'Beside slow clients',
  })[workload] ?? workload

/** What the requests of a scaling workload do. */
export const scalingWord = (workload: string): string =>
  ({ cpu: 'Requests that compute (cpu)', wait: 'Requests that wait (wait)' })[workload] ?? workload

/** What a workload of the cost part asks for. */
export const contentWord = (workload: string): string =>
  ({ time: 'Dynamic page', static: 'Static file' })[workload] ?? workload
