import { httpd } from '../configuration/httpd.ts'
import type { Intermediary } from './index.ts'

export default {
  name: 'apache-cache',
  title: 'Apache mod_cache',
  role: 'cache',
  packages: ['apache2-bin', 'media-types'],
  versionOf: 'apache2-bin',
  program: '/usr/sbin/apache2',
  variants: {
    default:
      'mod_cache with mod_cache_disk as they come: up to a day for what says nothing but when it was changed, stale on errors.',
    lab: 'For telling rules apart: no lifetime of its own invention, nothing stale when the origin fails.',
  },
  lines: [
    { text: 'ProxyVia On', says: 'Says in requests and responses that they came through.', about: ['via.added'] },
    { text: 'TraceEnable off', says: 'Refuses TRACE.', about: ['trace.no-sensitive'] },
    {
      text: 'CacheStaleOnError Off',
      says: 'Shows nothing stale when the next tier fails.',
      about: ['cache.no-cache-revalidates', 'cache.stale-forbidden', 'cache.stale-disconnected'],
    },
    { text: 'CacheIgnoreHeaders Set-Cookie', says: 'Stores no cookie that was set.', about: [] },
    { text: 'CacheLock on', says: 'Lets one request fetch what others wait for.', about: [] },
  ],
  bindsSource: true,
  configure: (site, variant, upstream) =>
    httpd(
      site,
      ['proxy', 'proxy_http', 'setenvif', 'cache', 'cache_disk'],
      `
# Connect from this tier's own address, so that the next one can tell it from a client.
ProxySourceAddress ${site.source}
# The application must see the host the client asked for.
ProxyPreserveHost On
# This server stands at the edge: what a client says about itself is not believed.
RequestHeader unset X-Forwarded-For
RequestHeader unset X-Forwarded-Host
RequestHeader unset X-Forwarded-Server
RequestHeader set X-Forwarded-Proto http
# It makes no folder of its own for what it stores.
CacheRoot ${site.directory}
CacheEnable disk /
# Whether a response was stored is the first thing an operator asks.
CacheHeader On
${variant === 'lab' ? 'CacheDefaultExpire 0\nCacheLastModifiedFactor 0\nCacheStaleOnError Off\n' : ''}# Idle upstream connections go before the next tier closes them (65 s).
ProxyPass / http://${upstream.host}:${upstream.port}/ ttl=60`,
      0,
    ),
} satisfies Intermediary
