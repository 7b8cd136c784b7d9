import type { Launch, Site } from '../servers/index.ts'

/**
 * nginx in the foreground with what every use of it here shares. `http` and `server` are the rest of these blocks of the
 * configuration; a line of the server's own goes to the end of `server`. `ownProcesses` are there beside master and workers.
 */
export function nginx(site: Site, http: string, server: string, ownProcesses: number): Launch {
  return {
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
  # Do not tell everybody the version.
  server_tokens off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path tmp-${name};`).join('\n  ')}
${http}
  server {
    listen ${site.address.host}:${site.address.port};
${server}
${site.lines.map((line) => `    ${line}\n`).join('')}  }
}
`,
    },
    // SIGQUIT is nginx's graceful stop; SIGTERM would cut running requests.
    stop: 'SIGQUIT',
    processes: 1 + site.cpus + ownProcesses,
  }
}
