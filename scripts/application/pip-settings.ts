import { copyFileSync, existsSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, isAbsolute, join } from 'node:path'
import type { PythonWork } from '../../topologies/runtimes/index.ts'

/** How a user's pip reaches an index: settings of pip, proxies, certificates. */
const REACHING = /^(?:PIP_\w+|(?:https?|all|no)_proxy|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)$/i
/** Where pip installs is said here. */
const PLACING =
  /^PIP_(?:TARGET|PREFIX|ROOT|USER|REQUIRE_VIRTUALENV|REQUIREMENT|CACHE_DIR|NO_CACHE_DIR|LOG|CONFIG_FILE)$/i

/**
 * The user's own settings of pip for a pip that runs as another user or in a container. Files that they name are copied into `work`,
 * because it may see no others; folders are named.
 */
export function pipSettings(work: string): Required<Pick<PythonWork, 'environment' | 'folders'>> {
  const environment: Record<string, string> = { PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0' }
  const folders: string[] = []
  const copied = (path: string): string => {
    const copy = join(work, `setting-${basename(path)}`)
    copyFileSync(path, copy)
    return copy
  }
  for (const [name, value = ''] of Object.entries(process.env)) {
    if (!REACHING.test(name) || PLACING.test(name)) continue
    const found = isAbsolute(value) ? statSync(value, { throwIfNoEntry: false }) : undefined
    environment[name] = found?.isFile() ? copied(value) : value
    if (found?.isDirectory() && /^PIP_/i.test(name)) folders.push(value)
  }
  const file = configurationFile()
  if (file !== undefined) environment['PIP_CONFIG_FILE'] = copied(file)
  return { environment, folders }
}

/** The user's configuration file of pip, in the order in which pip lets one overrule the other. */
function configurationFile(): string | undefined {
  const home = homedir()
  return [
    process.env['PIP_CONFIG_FILE'],
    join(process.env['XDG_CONFIG_HOME'] || join(home, '.config'), 'pip', 'pip.conf'),
    join(home, '.pip', 'pip.conf'),
    '/etc/pip.conf',
  ].find((path) => path !== undefined && path !== '/dev/null' && existsSync(path))
}
