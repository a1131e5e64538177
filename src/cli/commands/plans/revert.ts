// `purser plans revert`: back to strategize, with a reason. A plan may be reverted three times.

import { defineChange } from '../../flags/actor-flag.ts'
import { text } from '../../flags/flags.ts'
import { UsageError } from '../../run/failure.ts'
import { textOrStdin } from '../../run/stdin.ts'
import { planArgument } from './find.ts'
import { moveByVerb, ruleFlags } from './run-move.ts'

export const revertPlan = defineChange({
  name: 'revert',
  summary: 'take a plan back to strategize',
  description:
    'Take a plan back to strategize/queued, from execute (processing, complete, errored) or apply (queued, constrained, errored). A plan may be reverted three times.',
  args: planArgument,
  flags: {
    reason: text('text', 'why; needed; - reads it from standard input'),
    ...ruleFlags,
  },
  examples: [['it has to be thought over', 'plans revert PLAN --reason "the page hides the time zone"']],
  run: async (call) => {
    const reason = await textOrStdin('--reason', call.flags.reason)
    if (reason === undefined) throw new UsageError('--reason is required')
    if (reason.trim() === '') throw new UsageError('--reason must not be blank')
    return moveByVerb(call, (plans, { planId }, base) => plans.revert(planId, reason, base), false)
  },
})
