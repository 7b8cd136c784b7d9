/** Debian packages that the applications in `apps/` import; every server that calls them needs these too. */
export const APPLICATION_PACKAGES = ['python3-webob', 'python3-werkzeug'] as const
