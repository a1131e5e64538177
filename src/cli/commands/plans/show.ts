// `purser plans show`: everything about one plan, its position in the tree, the cost of it and the
// tree below it, what its profile allows automatically, and which moves are allowed next.

import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { findPlan, planArgument } from './find.ts'
import { verbsFrom } from './run-move.ts'
import { planLines } from './show-view.ts'

export const showPlan = defineCommand({
  name: 'show',
  summary: 'show one plan, what it cost, and which moves it may make',
  args: planArgument,
  examples: [
    ['a root', 'plans show demo/tide-service'],
    ['as JSON', 'plans show demo/tide-service --json'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const plan = await findPlan(store, call.args.plan)
      const { planId } = plan
      const [above, children, moves, cost, treeCost, tasks, { automationSteps }] = await Promise.all([
        store.plans.ancestors(planId),
        store.plans.count({ parentPlanId: planId }),
        verbsFrom(plan),
        store.costRecords.aggregate({ planId }, { by: ['currency'], largeCounts: 'text' }),
        store.costRecords.aggregate({ planId, tree: true }, { by: ['currency'], largeCounts: 'text' }),
        store.tasks.count({ planId }),
        import('../../../index.ts'),
      ])
      const line = (...words: string[]) =>
        commandLine(call.screen, ['plans', ...words, planId, ...sameDatabase(call.global)])
      const related = {
        ancestors: above.map((ancestor) => ancestor.planId),
        children,
        tasks,
        cost,
        treeCost,
        mayMove: moves,
      }
      const [first] = moves
      return {
        data: { ...plan, related },
        show: (screen) =>
          [
            ...planLines(screen, plan, { ...related, above, steps: automationSteps }),
            ...(screen.quiet
              ? []
              : [
                  '',
                  screen.paint.dim(
                    first === undefined ? 'Its move was the last.' : `It may ${moves.join(', ')}:`,
                  ),
                  ...(first === undefined ? [] : [`  ${line(first)}`]),
                  ...(children > 0 ? [`  ${line('tree')}`] : []),
                ]),
          ].join('\n'),
      }
    }),
})
