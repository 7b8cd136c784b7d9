import type { Launch, Site, StaticFiles } from '../servers/index.ts'

/**
 * Apache in the foreground with the distribution's event MPM and what every use of it here shares: static files,
 * keep-alive, logs. `directives` is the rest of the configuration.
 */
export function httpd(site: Site, modules: readonly string[], directives: string, ownProcesses: number): Launch {
  const loaded = ['mpm_event', 'authz_core', 'mime', 'alias', 'headers', ...modules]
  return {
    argv: [`${site.root}/usr/sbin/apache2`, '-f', `${site.directory}/httpd.conf`, '-DFOREGROUND'],
    files: {
      'httpd.conf': `ServerRoot ${site.directory}
DefaultRuntimeDir ${site.directory}
PidFile ${site.directory}/httpd.pid
ErrorLog ${site.directory}/error.log
ServerName ${site.address.host}
Listen ${site.address.host}:${site.address.port}
${loaded.map((name) => `LoadModule ${name}_module ${site.root}/usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
TypesConfig ${site.root}/etc/mime.types

# The distribution's mpm_event.conf.
StartServers ${START_SERVERS}
MinSpareThreads 25
MaxSpareThreads 75
ThreadsPerChild 25
MaxRequestWorkers 150
# Let running requests finish on a graceful stop, but not for ever.
GracefulShutdownTimeout 5
# The default ends a connection after 100 requests; the other servers have no such limit here either.
MaxKeepAliveRequests 0
# The default sends the product with version and operating system to everybody.
ServerTokens Prod

${longestFirst(site.application.statics).map(served).join('')}${directives}
${site.lines.join('\n')}
`,
    },
    // SIGWINCH is Apache's graceful stop; SIGTERM would cut running requests.
    stop: 'SIGWINCH',
    processes: 1 + START_SERVERS + ownProcesses,
    logs: ['error.log'],
  }
}

const served = ({ prefix, directory }: StaticFiles): string => `Alias ${prefix} "${directory}/"
<Directory "${directory}">
  Require all granted
  Header set Cache-Control "max-age=3600"
</Directory>
`

/** Of two aliases that fit, Apache takes the first. */
const longestFirst = (statics: readonly StaticFiles[]): readonly StaticFiles[] =>
  statics.toSorted((one, other) => other.prefix.length - one.prefix.length)

/** Child processes at start, as in the distribution's mpm_event.conf. */
const START_SERVERS = 2
