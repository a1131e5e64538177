// `purser plans step`: records how far a plan has come.

import { planStepStatuses } from '../../../../records/plan-steps/enums.ts'
import { defineChange } from '../../../flags/actor-flag.ts'
import { fieldsOf, text, whole, word } from '../../../flags/flags.ts'
import { UsageError } from '../../../run/failure.ts'
import { printableLine } from '../../../screen/text.ts'
import { findPlan, planArgument } from '../find.ts'

const fields = {
  total: whole('number', 'how many steps there are', { min: 1, field: 'total' }),
  name: text('name', 'what the step does', { field: 'name' }),
}

export const recordStep = defineChange({
  name: 'step',
  summary: 'record how far the plan has come',
  description:
    'Record a step of the plan in its present phase. The last completed step of the plan follows: it is the greatest step that is completed or skipped before the first that is not. What is left out of --total and --name stays as it was.',
  args: planArgument,
  flags: {
    index: whole('number', 'the position of the step, from 0; required', { min: 0 }),
    status: word(planStepStatuses, 'how it is with the step; required'),
    ...fields,
  },
  examples: [
    ['the first of five begins', 'plans step PLAN --index 0 --total 5 --name "read it" --status running'],
    ['it is done', 'plans step PLAN --index 0 --status completed'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { index, status } = call.flags
      if (index === undefined) throw new UsageError('--index is missing: say which step, from 0')
      if (status === undefined) throw new UsageError(`--status is missing: ${planStepStatuses.join(', ')}`)
      const { planId } = await findPlan(store, call.args.plan)
      const report = { index, status, ...fieldsOf(fields, call.flags) }
      const step = await call.acting(store).plans.step(planId, report)
      return {
        data: step,
        show: (screen) => {
          if (screen.quiet) return printableLine(step.stepId)
          const of = step.total === null ? '' : ` of ${step.total}`
          return `${printableLine(planId)} step ${index}${of} is ${screen.paint.bold(status)}`
        },
      }
    }),
})
