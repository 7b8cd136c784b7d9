import type { Site } from '../servers/index.ts'

/** What every service finds in its environment, and nothing else: wsgiref hands it to the application. */
export function serviceEnvironment({ directory, application }: Site): Readonly<Record<string, string>> {
  return {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'C.UTF-8',
    HOME: directory,
    TMPDIR: directory,
    PYTHONPATH: application.directory,
    PYTHONDONTWRITEBYTECODE: '1',
  }
}
