// `purser plans preflight`: what has to be put right before a plan may go on.

import { defineCommand, endingWith } from '../../../run/command.ts'
import { printableLine } from '../../../screen/text.ts'
import { findPlan, planArgument } from '../find.ts'
import { phaseAndStateText } from '../view.ts'

export const preflightOfPlan = defineCommand({
  name: 'preflight',
  summary: 'what has to be put right before a plan may go on',
  description:
    'What has to be put right before a plan is put to use, or starts its phase or the next one: everything at once, and nothing is moved. The exit code is 0 when nothing is found, 3 otherwise.',
  args: planArgument,
  examples: [['before it is put to use', 'plans preflight PLAN']],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const plan = await findPlan(store, call.args.plan)
      const preflight = await store.plans.preflight(plan.planId)
      const { next, findings } = preflight
      return {
        data: preflight,
        show: (screen) => {
          if (findings.length === 0) {
            const what =
              next === null ? `it is ${phaseAndStateText(plan)}` : `nothing is in the way of ${next}`
            return screen.quiet ? '' : `${printableLine(plan.planId)}: ${what}`
          }
          return findings
            .map(({ rule, message }) => `${screen.paint.bold(rule)}  ${printableLine(message)}`)
            .join('\n')
        },
        ...(findings.length === 0
          ? {}
          : endingWith({ code: 'NOT_READY', text: `The plan may not make the move ${next} yet.` })),
      }
    }),
})
