import { nginx } from '../configuration/nginx.ts'
import type { Intermediary, StaticFiles } from './index.ts'

export default {
  name: 'nginx',
  title: 'nginx',
  role: 'proxy',
  packages: ['nginx', 'media-types'],
  versionOf: 'nginx',
  program: '/usr/sbin/nginx',
  variants: {
    http11: 'Speaks HTTP/1.1 with keep-alive to its upstream: streams pass at once.',
    http10:
      'Speaks HTTP/1.0 to its upstream (nginx’s default before 1.29): a connection per request, streams are held back.',
  },
  lines: [
    {
      text: 'underscores_in_headers on;',
      says: 'Passes fields whose names have an underscore, which CGI cannot tell from a hyphen.',
      about: [],
    },
    {
      text: 'ignore_invalid_headers off;',
      says: 'Passes fields with unusual names on instead of dropping them.',
      about: ['field.name-token', 'unknown-fields.any-name'],
    },
    {
      text: 'proxy_buffering off;',
      says: 'Passes a response on as it comes.',
      about: ['interim.103-passed', 'interim.several'],
    },
    { text: 'proxy_request_buffering off;', says: 'Passes a request on as it comes.', about: [] },
    {
      text: 'set $via "$server_protocol nginx"; if ($http_via) { set $via "$http_via, $via"; } proxy_set_header Via $via;',
      says: 'Says in requests that they came through.',
      about: ['via.added'],
    },
    { text: 'add_header Via "1.1 nginx" always;', says: 'Says in responses that they came through.', about: [] },
    {
      text: 'proxy_read_timeout 1s;',
      says: 'Gives the next tier a second to answer (the default is 60 s).',
      about: [],
    },
    {
      text: 'proxy_force_ranges on;',
      says: 'Cuts ranges out of responses whose origin offers none.',
      about: [],
    },
  ],
  bindsSource: true,
  configure: (site, variant, upstream) =>
    nginx(
      site,
      `  include ${site.root}/etc/nginx/mime.types;
  default_type application/octet-stream;
  sendfile on;

  upstream app {
    server ${upstream.host}:${upstream.port};
${variant === 'http11' ? '    # Keep connections to the application server; its own idle limit (65 s) is longer than this one (60 s).\n    keepalive 32;\n' : ''}  }

  # What a client says about itself is believed only when the tier in front passes it on.
  geo $from_front { default 0; ${site.trusted.map((address) => `${address} 1;`).join(' ')} }
  map $from_front $forwarded_for { 0 $remote_addr; 1 $proxy_add_x_forwarded_for; }
  map $from_front $forwarded_proto { 0 $scheme; 1 $http_x_forwarded_proto; }
  # The application must see the host and port the client asked for; HTTP/1.0 clients may have named none.
  map $http_host $asked_host { '' $host:$server_port; default $http_host; }
`,
      `${variant === 'http11' ? '    # The default, 1.0, holds a streamed response back until it is complete, and closes each connection.\n    proxy_http_version 1.1;\n    proxy_set_header Connection "";' : '    proxy_http_version 1.0;'}
    # Connect from this tier's own address, so that the next one can tell it from a client.
    proxy_bind ${site.source};
    proxy_set_header Host $asked_host;
    proxy_set_header X-Forwarded-For $forwarded_for;
    proxy_set_header X-Forwarded-Proto $forwarded_proto;
    proxy_set_header X-Real-IP $remote_addr;
${site.application.statics.map(served).join('')}    location / {
      proxy_pass http://app;
    }`,
      0,
    ),
} satisfies Intermediary

const served = ({ prefix, directory }: StaticFiles): string => `    location ${prefix} {
      alias "${directory}/";
      add_header Cache-Control max-age=3600;
      # The slash that a folder lacks is added without this server's own port, which clients of the tier in front cannot reach.
      absolute_redirect off;
    }
`
