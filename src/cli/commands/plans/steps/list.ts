// `purser plans steps`: how far a plan has come, step by step.

import type { PlanStep } from '../../../../index.ts'
import { defineCommand } from '../../../run/command.ts'
import type { Screen } from '../../../screen/screen.ts'
import { table } from '../../../screen/table.ts'
import { counted, printableLine } from '../../../screen/text.ts'
import { findPlan, planArgument } from '../find.ts'

export const stepsOfPlan = defineCommand({
  name: 'steps',
  summary: 'show how far the plan has come, step by step',
  args: planArgument,
  examples: [['of a plan', 'plans steps demo/tide-service']],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { planId, lastCompletedStep } = await findPlan(store, call.args.plan)
      const steps = await store.plans.steps(planId)
      return {
        data: { planId, lastCompletedStep, steps },
        show: (screen) => {
          if (steps.length === 0) return 'This plan has no steps yet: plans step records one.'
          const done = steps.filter(({ status }) => status === 'completed' || status === 'skipped').length
          return [
            ...stepTable(screen, steps),
            ...(screen.quiet ? [] : ['', `${counted(steps.length, 'step')}, ${done} done`]),
          ].join('\n')
        },
      }
    }),
})

function stepTable(screen: Screen, steps: readonly PlanStep[]): readonly string[] {
  return table(
    screen,
    [
      { title: 'PHASE', value: ({ planPhase }) => planPhase },
      {
        title: 'STEP',
        align: 'end',
        value: ({ index, total }) => (total === null ? String(index) : `${index} of ${total}`),
      },
      { title: 'STATUS', value: ({ status }) => status },
      { title: 'NAME', value: ({ name }) => printableLine(name ?? ''), shrinkTo: 12 },
      { title: 'ATTEMPT', align: 'end', value: ({ planAttempt }) => String(planAttempt), spare: 2 },
      { title: 'UPDATED', value: ({ updatedAt }) => screen.time(updatedAt), spare: 1 },
    ],
    steps,
  )
}
