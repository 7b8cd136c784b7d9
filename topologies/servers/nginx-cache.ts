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
  bindsSource: true,
  configure: (site, variant, upstream) => ({
    argv: [`${site.root}/usr/sbin/nginx`, '-e', 'stderr', '-p', site.directory, '-c', `${site.directory}/nginx.conf`],
    files: {
      'nginx.conf': `daemon off;
worker_processes ${site.cpus};
pid nginx.pid;
error_log stderr;
# A graceful stop waits for running requests, but not for ever.
worker_shutdown_timeout 5s;
events {}
http {
  # Nobody reads it here, and writing it would be measured.
  access_log off;
  # The default ends a connection after 1000 requests; the other servers have no such limit here either.
  keepalive_requests 1000000;
  server_tokens off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path tmp-${name};`).join('\n  ')}
  proxy_cache_path stored keys_zone=stored:10m max_size=256m inactive=1h use_temp_path=off;

  upstream behind {
    server ${upstream.host}:${upstream.port};
    # Keep connections to the next tier; its own idle limit is longer than this one (60 s).
    keepalive 32;
  }

  server {
    listen ${site.address.host}:${site.address.port};
    location / {
      proxy_pass http://behind;
      proxy_http_version 1.1;
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
${variant === 'lab' ? '      proxy_cache_revalidate on;\n' : ''}      # Whether a response was stored is the first thing an operator asks.
      add_header X-Cache $upstream_cache_status always;
    }
  }
}
`,
    },
    // SIGQUIT is nginx's graceful stop; SIGTERM would cut running requests.
    stop: 'SIGQUIT',
    // Beside the workers one process that looks after the stored files; another that loads them ends within the minute.
    processes: 2 + site.cpus,
  }),
} satisfies Intermediary
