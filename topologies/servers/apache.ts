import { httpd } from '../configuration/httpd.ts'
import type { Intermediary } from './index.ts'

export default {
  name: 'apache',
  title: 'Apache httpd',
  role: 'proxy',
  packages: ['apache2-bin', 'media-types'],
  versionOf: 'apache2-bin',
  program: '/usr/sbin/apache2',
  variants: { http11: 'mod_proxy_http with keep-alive to the upstream.' },
  lines: [
    { text: 'ProxyVia On', says: 'Says in requests and responses that they came through.', about: ['via.added'] },
    { text: 'TraceEnable off', says: 'Refuses TRACE.', about: ['trace.no-sensitive'] },
    { text: 'AllowEncodedSlashes NoDecode', says: 'Passes %2F in paths on instead of answering 404.', about: [] },
    { text: 'MergeSlashes Off', says: 'Leaves repeated slashes of a path as they are.', about: [] },
    { text: 'ProxyTimeout 1', says: 'Gives the next tier a second to answer (the default is 60 s).', about: [] },
  ],
  bindsSource: true,
  configure: (site, _variant, upstream) =>
    httpd(
      site,
      ['proxy', 'proxy_http', 'setenvif'],
      `
# Connect from this tier's own address, so that the next one can tell it from a client.
ProxySourceAddress ${site.source}
# The application must see the host the client asked for.
ProxyPreserveHost On
# What a client says about itself is not believed; mod_proxy then adds the address it connected from.
SetEnvIf Remote_Addr "^(?!(?:${site.trusted.map((address) => address.replaceAll('.', '\\.')).join('|') || 'none'})$)" untrusted
RequestHeader unset X-Forwarded-For env=untrusted
RequestHeader unset X-Forwarded-Host env=untrusted
RequestHeader unset X-Forwarded-Server env=untrusted
RequestHeader set X-Forwarded-Proto http env=untrusted
${site.application.statics.map(({ prefix }) => `ProxyPass ${prefix} !\n`).join('')}# Idle upstream connections go before the application server closes them (65 s).
ProxyPass / http://${upstream.host}:${upstream.port}/ ttl=60`,
      0,
    ),
} satisfies Intermediary
