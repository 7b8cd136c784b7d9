import { Option, type Command } from 'commander'

/** One value after the other: what a user's words may hold is not split at commas. */
export const each = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** Options about a user's own application, and what is asked of it. */
export const withApplication = (command: Command): Command => withRequests(withOwnApplication(command))

/** Options that name a user's own application and what it needs. */
export function withOwnApplication(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--app <file:callable>',
        'your own application instead of the lab’s, as in --app shop/wsgi.py:application',
      ),
    )
    .addOption(staticOption())
    .addOption(requirementsOption())
    .addOption(
      list('--python-path <folder>', 'put this folder on Python’s module path (repeatable)', 'the application’s own'),
    )
    .addOption(
      list(
        '--env <name=value>',
        'give this variable to your application, which sees nothing of yours (repeatable)',
        'none',
      ),
    )
}

/** Options that say what is asked of an application. */
export function withRequests(command: Command): Command {
  return command
    .addOption(
      list(
        '--path <path>',
        'ask for this path, equally often as for the others (repeatable)',
        '/ of your application, else /time of the lab’s',
      ),
    )
    .addOption(
      new Option(
        '--har <file>',
        'ask for what a browser recorded instead: its GET requests to the first host, as often as there',
      ),
    )
}

/** `--static`, for every command about a user's own application. */
export const staticOption = (): Option =>
  list(
    '--static <folder=/prefix>',
    'files that the topology’s web server serves itself below this prefix; where it has none, they are served beside your application (repeatable)',
    'none',
  )

/** `--requirements`, for every command about a user's own application. */
export const requirementsOption = (): Option =>
  new Option(
    '--requirements <file>',
    'packages that pip installs for your application once, into the lab’s cache folder',
  )

const list = (flags: string, description: string, otherwise: string): Option =>
  new Option(flags, description).argParser(each).default([], otherwise)
