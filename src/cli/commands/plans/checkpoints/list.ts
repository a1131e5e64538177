// `purser plans checkpoints`: the checkpoints of a plan, without their states.

import type { PlanCheckpointSummary } from '../../../../index.ts'
import { listOutcome, orderedPaging, readPage } from '../../../flags/listing.ts'
import { defineCommand } from '../../../run/command.ts'
import { bytes } from '../../../screen/amounts.ts'
import type { Screen } from '../../../screen/screen.ts'
import { table } from '../../../screen/table.ts'
import { printableLine } from '../../../screen/text.ts'
import { findPlan, planArgument } from '../find.ts'

export const checkpointsOfPlan = defineCommand({
  name: 'checkpoints',
  summary: 'list the points to which the plan can be put back',
  args: planArgument,
  flags: orderedPaging('oldest'),
  examples: [['of a plan', 'plans checkpoints demo/tide-service']],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { planId, lastCheckpointId } = await findPlan(store, call.args.plan)
      const page = await readPage(call.flags, (part) => store.planCheckpoints.list({ planId }, part))
      const total = await store.planCheckpoints.count({ planId })
      return listOutcome(call, {
        page,
        total,
        noun: 'checkpoint',
        empty: 'This plan has no checkpoints yet: plans checkpoint keeps one.',
        toJson: (checkpoint) => checkpoint,
        show: (checkpoints, screen) => checkpointTable(screen, checkpoints, lastCheckpointId),
      })
    }),
})

function checkpointTable(
  screen: Screen,
  checkpoints: readonly PlanCheckpointSummary[],
  last: string | null,
): readonly string[] {
  return table(
    screen,
    [
      { title: 'ID', value: ({ checkpointId }) => printableLine(checkpointId) },
      { title: 'ALIAS', value: ({ alias }) => printableLine(alias ?? ''), shrinkTo: 12 },
      { title: 'AT', value: ({ planPhase, planState }) => `${planPhase}/${planState}` },
      { title: 'STEP', align: 'end', value: ({ step }) => (step < 0 ? '' : String(step)) },
      { title: 'STATE', value: ({ stateSize }) => (stateSize === 0 ? '' : bytes(stateSize)), spare: 2 },
      {
        title: 'SANDBOX',
        value: ({ sandboxRef }) => printableLine(sandboxRef ?? ''),
        shrinkTo: 12,
        spare: 3,
      },
      { title: 'MADE', value: ({ createdAt }) => screen.time(createdAt), spare: 1 },
      { title: '', value: ({ checkpointId }) => (checkpointId === last ? 'last' : '') },
    ],
    checkpoints,
  )
}
