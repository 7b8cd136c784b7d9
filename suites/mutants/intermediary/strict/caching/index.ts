import type { Caching } from '../../conduct.ts'
import { directives } from './directives.ts'
import { freshness } from './freshness.ts'
import { reusing } from './reusing.ts'
import { selecting } from './selecting.ts'
import { storing } from './storing.ts'
import { validating } from './validating.ts'

/** What a shared cache does that keeps RFC 9111, RFC 5861, RFC 9211 and RFC 9213. */
export const caching: Caching = { ...directives, ...selecting, ...storing, ...freshness, ...validating, ...reusing }
