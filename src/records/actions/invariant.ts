// A condition that has to hold while a plan works, in words, as actions and projects have it. It is
// for whoever runs a plan: nothing here checks it.

import { z } from 'zod'
import { bodyRule, nameRule } from '../model/rules.ts'

export const invariantShape = {
  text: bodyRule,
  /** To refer to it; unique in its list. */
  name: nameRule.optional(),
  /** Plans should not do without it. */
  nonOverridable: z.boolean().optional(),
}

export const invariantRule = z.strictObject(invariantShape)

/** A condition that has to hold, in words. */
export type Invariant = z.output<typeof invariantRule>
