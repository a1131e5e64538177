// `purser plans fail`: the work of a phase failed; the reason stays on the plan until it is
// retried.

import { defineChange } from '../../flags/actor-flag.ts'
import { jsonObject, text } from '../../flags/flags.ts'
import { textOrStdin } from '../../run/stdin.ts'
import { planArgument } from './find.ts'
import { moveByVerb, moveFlags } from './run-move.ts'

export const failPlan = defineChange({
  name: 'fail',
  summary: 'say that the work of a phase failed, and with what',
  description: 'Say that the work of a phase failed, and with what: from processing to errored.',
  args: planArgument,
  flags: {
    message: text('text', 'what went wrong; needed; - reads it from standard input', { field: 'message' }),
    details: jsonObject('more about it', { field: 'details' }),
    ...moveFlags,
  },
  examples: [
    ['what went wrong', 'plans fail PLAN --message "heights drift by an hour"'],
    ['with details', 'plans fail PLAN --message "tests fail" --details \'{"failed":3}\''],
  ],
  run: async (call) => {
    const message = await textOrStdin('--message', call.flags.message)
    const { details } = call.flags
    const error = { message, ...(details === undefined ? {} : { details }) }
    return moveByVerb(call, (plans, { planId }, base) => plans.fail(planId, error as never, base))
  },
})
