import { bodyRules } from './body-rules.ts'
import { callingRules } from './calling-rules.ts'
import { headRules } from './head-rules.ts'
import type { Rule } from './index.ts'
import { middlewareRules } from './middleware-rules.ts'

/** Every rule that an application is held to, by its id, in the order of PEP 3333. Ids are never renamed. */
export const rules: Readonly<Record<string, Rule>> = { ...callingRules, ...headRules, ...bodyRules, ...middlewareRules }
