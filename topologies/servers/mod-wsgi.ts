import { httpd } from '../configuration/httpd.ts'
import type { AppServer } from './index.ts'

export default {
  name: 'mod-wsgi',
  title: 'Apache mod_wsgi',
  role: 'app',
  packages: ['apache2-bin', 'libapache2-mod-wsgi-py3', 'media-types'],
  versionOf: 'libapache2-mod-wsgi-py3',
  program: '/usr/lib/apache2/modules/mod_wsgi.so',
  variants: { daemon: 'The application runs in processes of its own (WSGIDaemonProcess), not in Apache’s children.' },
  lines: [
    { text: 'TraceEnable off', says: 'Refuses TRACE.', about: ['trace.no-sensitive'] },
    {
      text: 'WSGIChunkedRequest On',
      says: 'Accepts request bodies in chunks, which come without CONTENT_LENGTH.',
      about: ['chunk.extension-ignored', 'chunk.size-syntax'],
    },
    { text: 'WSGIPassAuthorization On', says: 'Shows Authorization to the application.', about: [] },
    { text: 'AllowEncodedSlashes On', says: 'Passes %2F in paths on instead of answering 404.', about: [] },
  ],
  mounts: true,
  configure: (site) => {
    const { directory, module, callable, mount, variables } = site.application
    const set = Object.entries(variables).map(([name, value]) => `SetEnv ${name} "${value}"\n`)
    // Even processes=1 means to it that there may be others; one is the default.
    const processes = site.workers > 1 ? `processes=${site.workers} ` : ''
    return httpd(
      site,
      ['wsgi', ...(set.length > 0 ? ['env'] : [])],
      `
WSGISocketPrefix ${site.directory}/wsgi
WSGIDaemonProcess app ${processes}threads=${site.threads} python-home=${site.root}/usr python-path=${directory} home=${site.directory} display-name=%{GROUP}
# Extension modules that know only the main interpreter deadlock in sub-interpreters.
WSGIProcessGroup app
WSGIApplicationGroup %{GLOBAL}
# Load the application with the process, not with somebody's first request.
WSGIImportScript ${directory}/${module}.py process-group=app application-group=%{GLOBAL}
WSGICallableObject ${callable}
${site.trusted.length > 0 ? `WSGITrustedProxies ${site.trusted.join(' ')}\nWSGITrustedProxyHeaders X-Forwarded-For X-Forwarded-Proto` : ''}
${set.join('')}WSGIScriptAlias ${mount || '/'} ${directory}/${module}.py
<Directory ${directory}>
  Require all granted
</Directory>`,
      site.workers,
    )
  },
} satisfies AppServer
