import type { Intermediary } from './index.ts'

export default {
  name: 'varnish',
  title: 'Varnish',
  role: 'cache',
  packages: ['varnish'],
  versionOf: 'varnish',
  program: '/usr/sbin/varnishd',
  variants: {
    default: 'The built-in VCL: default_ttl 120 s for responses that say nothing, requests with cookies pass.',
    lab: 'For telling rules apart: default_ttl 0, default_grace 0, default_keep 600: nothing lives longer than it says, what is stale is validated.',
  },
  lines: [
    {
      text: 'sub vcl_backend_response { set beresp.grace = 0s; }',
      says: 'Shows nobody a response that is older than it may be (the default keeps it for 10 s more).',
      about: ['cache.stale-unpermitted', 'cache.stale-forbidden', 'cache.must-revalidate-wins'],
    },
    {
      text: 'sub vcl_recv { set req.http.Via = regsub(req.http.Via + ", " + req.proto + " varnish", "^, ", ""); }',
      says: 'Says in requests that they came through (from 7.4 on it does so itself).',
      about: ['via.added'],
    },
    {
      text: 'sub vcl_recv { if (req.method !~ "^(GET|HEAD|OPTIONS|TRACE)$") { ban("req.url == " + req.url); } }',
      says: 'Forgets what is stored of a resource that somebody changes, also when that fails.',
      about: ['cache.invalidate-unsafe'],
    },
    {
      text: 'sub vcl_backend_fetch { set bereq.first_byte_timeout = 1s; set bereq.between_bytes_timeout = 1s; }',
      says: 'Gives the next tier a second to answer (the default is 60 s).',
      about: [],
    },
    {
      text: 'sub vcl_recv { if (req.http.Cache-Control ~ "no-cache") { set req.hash_always_miss = true; } }',
      says: 'Asks the next tier when a client does not want what is stored.',
      about: [],
    },
  ],
  bindsSource: false,
  configure: (site, variant, upstream) => ({
    argv: [
      `${site.root}/usr/sbin/varnishd`,
      '-F',
      ...['-n', `${site.directory}/work`],
      ...['-a', `${site.address.host}:${site.address.port}`],
      ...['-f', `${site.directory}/default.vcl`],
      ...['-s', 'malloc,256m'],
      // Its jails need root; the lab runs it as an ordinary user.
      ...['-j', 'none'],
      // The management port is for this process alone.
      ...['-T', '127.0.0.1:0'],
      ...(variant === 'lab' ? ['-p', 'default_ttl=0', '-p', 'default_grace=0', '-p', 'default_keep=600'] : []),
      ...(site.root ? privateCompiler(site.root, site.triplet) : []),
    ],
    files: {
      'default.vcl': `vcl 4.1;

backend default {
  .host = "${upstream.host}";
  .port = "${upstream.port}";
}

sub vcl_recv {
  # Varnish stands at the edge: what a client says about itself is not believed.
  set req.http.X-Forwarded-For = client.ip;
  set req.http.X-Forwarded-Proto = "http";
}

sub vcl_deliver {
  # Whether a response was stored is the first thing an operator asks.
  if (obj.hits > 0) {
    set resp.http.X-Cache = "HIT";
  } else {
    set resp.http.X-Cache = "MISS";
  }
}
${site.lines.map((line) => `\n${line}\n`).join('')}`,
    },
    stop: 'SIGTERM',
    processes: 2,
  }),
} satisfies Intermediary

/** Varnish compiles its configuration: with a toolchain of its own it must find compiler, assembler (-B) and modules there. */
function privateCompiler(root: string, triplet: string): readonly string[] {
  const compile = `exec ${root}/usr/bin/${triplet}-gcc --sysroot=${root} -B${root}/usr/bin/ -g -O2 -pthread -fpic -shared -nostdlib -o %o %s`
  return [
    ...['-p', `cc_command=${compile}`],
    ...['-p', `vmod_path=${root}/usr/lib/${triplet}/varnish/vmods`],
    ...['-p', `vcl_path=${root}/etc/varnish:${root}/usr/share/varnish/vcl`],
  ]
}
