import { nginx } from '../configuration/nginx.ts'
import type { Intermediary } from './index.ts'

export default {
  name: 'nginx-cache',
  title: 'nginx proxy_cache',
  role: 'cache',
  packages: ['nginx', 'media-types'],
  versionOf: 'nginx',
  program: '/usr/sbin/nginx',
  variants: {
    default: 'proxy_cache as it comes: stores what says how long it lives, keeps nothing longer, locks nothing.',
    lab: 'For telling rules apart: what is stale is revalidated with conditions instead of fetched anew.',
  },
  lines: [
    {
      text: 'proxy_cache_bypass $http_authorization; proxy_no_cache $http_authorization;',
      says: 'Neither stores nor answers from the store what was asked for with Authorization.',
      about: ['cache.authorization'],
    },
    { text: 'proxy_cache_lock on;', says: 'Lets one request fetch what others wait for.', about: [] },
    {
      text: 'proxy_cache_use_stale error timeout http_500 http_502 http_503 http_504;',
      says: 'Shows what is stale when the next tier fails.',
      about: [],
    },
    { text: 'proxy_cache_revalidate on;', says: 'Asks with conditions whether what is stale still holds.', about: [] },
  ],
  bindsSource: true,
  configure: (site, variant, upstream) =>
    nginx(
      site,
      `  proxy_cache_path stored keys_zone=stored:10m max_size=256m inactive=1h use_temp_path=off;

  upstream behind {
    server ${upstream.host}:${upstream.port};
    # Keep connections to the next tier; its own idle limit is longer than this one (60 s).
    keepalive 32;
  }
`,
      `    proxy_http_version 1.1;
    proxy_set_header Connection "";
    # Connect from this tier's own address, so that the next one can tell it from a client.
    proxy_bind ${site.source};
    # This server stands at the edge: what a client says about itself is not believed.
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_cache stored;
    # The default key leaves out the host that was asked for: two sites would share their pages. A target in absolute
    # form names a host of its own ($host), while the next tier is told the field's ($http_host): both count.
    proxy_cache_key "$scheme://$host $http_host$request_uri";
${variant === 'lab' ? '    proxy_cache_revalidate on;\n' : ''}    # Whether a response was stored is the first thing an operator asks.
    add_header X-Cache $upstream_cache_status always;
    location / {
      proxy_pass http://behind;
    }`,
      // It looks after the stored files; another process that loads them ends within the minute.
      1,
    ),
} satisfies Intermediary
