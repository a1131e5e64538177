// `purser plans tree`: a plan and everything below it, drawn for people; as JSON the same tree,
// nested.

import { planStates } from '../../../records/plans/enums.ts'
import { whole, words } from '../../flags/flags.ts'
import { defineCommand } from '../../run/command.ts'
import { reportCorrupt } from '../../run/unreadable.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { findPlan, planArgument } from './find.ts'
import { branchesOf, DRAWN_LEVELS, nest, treeSummary } from './tree-data.ts'
import { treeLines } from './tree-view.ts'

export const treeOfPlans = defineCommand({
  name: 'tree',
  summary: 'draw a plan and everything below it',
  description:
    'Draw a plan and everything below it: phase and state of each, its attempt when it is not the first, what it cost together with everything below it, its id. The drawing shows 30 levels unless --depth says otherwise; JSON has all.',
  args: planArgument,
  flags: {
    depth: whole('n', 'at most this many levels, the plan itself included', { min: 1 }),
    state: words(planStates, 'only plans in one of these states, with the path to them'),
  },
  examples: [
    ['a whole tree', 'plans tree demo/tide-service'],
    ['its first two levels', 'plans tree demo/tide-service --depth 2'],
    ['where it hangs', 'plans tree demo/tide-service --state errored,constrained'],
    ['for a program', 'plans tree demo/tide-service --json'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { depth, state } = call.flags
      const { planId } = await findPlan(store, call.args.plan)
      const tree = await store.plans.tree(planId)
      if (tree === null) throw await findPlan(store, planId)
      reportCorrupt(tree.corrupt, call.note)
      const [costs, { formatMoney }] = await Promise.all([
        store.costRecords.aggregate(
          { planId, tree: true },
          { by: ['plan', 'currency'], largeCounts: 'text' },
        ),
        import('../../../index.ts'),
      ])
      const branches = branchesOf(tree, costs, new Set(state), formatMoney)
      const summary = treeSummary(tree, branches)
      return {
        data: call.global.json ? { root: nest(branches, depth), summary } : null,
        show: (screen) => {
          const deeper = (id: string) =>
            commandLine(screen, ['plans', 'tree', id, ...sameDatabase(call.global)])
          return treeLines(screen, branches, { summary, depth: depth ?? DRAWN_LEVELS, deeper }).join('\n')
        },
      }
    }),
})
