/** The image that servers' images are built from when nobody names another. */
export const DEFAULT_BASE = 'debian:trixie-slim'
