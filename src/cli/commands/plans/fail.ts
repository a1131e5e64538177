// `purser plans fail`: the work of a phase failed; the reason stays on the plan until it is
// retried.

import { errorText } from '../../../worker/error-text.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { jsonObject, text } from '../../flags/flags.ts'
import { textOrAnyStdin } from '../../run/stdin.ts'
import { planArgument } from './find.ts'
import { moveByVerb, ruleFlags } from './run-move.ts'

export const failPlan = defineChange({
  name: 'fail',
  summary: 'say that the work of a phase failed, and with what',
  description: 'Say that the work of a phase failed, and with what: from processing to errored.',
  args: planArgument,
  flags: {
    message: text('text', 'what went wrong; needed; - reads it from standard input, whatever it is', {
      field: 'message',
    }),
    details: jsonObject('more about it', { field: 'details' }),
    ...ruleFlags,
  },
  examples: [
    ['what went wrong', 'plans fail PLAN --message "heights drift by an hour"'],
    ['with details', 'plans fail PLAN --message "tests fail" --details \'{"failed":3}\''],
  ],
  run: async (call) => {
    const { message: given, details } = call.flags
    const message =
      given === '-' ? errorText(await textOrAnyStdin(given), 'the work failed without a message') : given
    const error = { message, ...(details === undefined ? {} : { details }) }
    return moveByVerb(call, (plans, { planId }, base) => plans.fail(planId, error as never, base))
  },
})
