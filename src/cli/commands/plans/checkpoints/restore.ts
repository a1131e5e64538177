// `purser plans restore`: puts a plan back to a checkpoint, or asks a human.

import { defineChange } from '../../../flags/actor-flag.ts'
import { text, whole } from '../../../flags/flags.ts'
import { identify } from '../../../flags/identify.ts'
import { endingWith, required } from '../../../run/command.ts'
import { CommandError, UsageError } from '../../../run/failure.ts'
import { commandLine, sameDatabase } from '../../../screen/command-line.ts'
import { printableLine } from '../../../screen/text.ts'
import { moveFlags } from '../run-move.ts'
import { phaseAndStateText } from '../view.ts'

export const restoreCheckpoint = defineChange({
  name: 'restore',
  summary: 'put a plan back to a checkpoint if its profile lets it, else ask a human',
  description:
    'Put the plan of a checkpoint back: it is queued again in the phase of the checkpoint, with its last completed step. What it decided since then is superseded, and the plans that were made below it since then are cancelled. The step approvePlan of the plan’s profile decides whether that needs an approval, which is found or asked for. The exit code is 0 when the plan is back, 3 when it waits or was refused.',
  args: { checkpoint: required('the id of the checkpoint, or the beginning of it') },
  flags: {
    ...moveFlags,
    reason: text('text', 'why; required: for who decides, and for the audit trail'),
    confidence: whole('percent', 'how sure it is, for profiles that depend on it', { max: 100 }),
  },
  examples: [['after a wrong turn', 'plans restore CHECKPOINT --reason "wrong table" --actor ada']],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { reason, confidence, ifVersion } = call.flags
      if (reason === undefined) throw new UsageError('--reason is missing: say why the plan is put back')
      const { checkpointId, planId } = await identify(store.planCheckpoints, call.args.checkpoint, {
        noun: 'checkpoint',
        list: 'purser plans checkpoints PLAN',
      })
      const plan = await store.plans.get(planId)
      if (plan === null)
        throw new CommandError(
          'RECORD_NOT_FOUND',
          `the plan ${printableLine(planId)} of the checkpoint is gone`,
        )
      const options = { reason, ...(confidence === undefined ? {} : { confidence: confidence / 100 }) }
      const base = { version: ifVersion ?? plan.version }
      const result = await call.acting(store).planCheckpoints.restore(checkpointId, options, base)
      const {
        checkpoint: { state: _, ...checkpoint },
        ...rest
      } = result
      const data = { ...rest, checkpoint }
      if (result.outcome === 'restored') {
        const { sandboxRef } = checkpoint
        const from = sandboxRef === null ? '' : `\n  the sandbox is at ${printableLine(sandboxRef)}`
        return {
          data,
          show: (screen) =>
            screen.quiet
              ? printableLine(planId)
              : `${printableLine(planId)} ${phaseAndStateText(plan)} → ${screen.paint.bold(phaseAndStateText(result.plan))}${from}`,
        }
      }
      const { id } = result.approval
      const what = result.outcome === 'waiting' ? 'waits for the approval' : 'was refused by the approval'
      const line = ['approvals', result.outcome === 'waiting' ? 'approve' : 'show', id]
      return {
        data,
        show: (screen) =>
          screen.quiet
            ? printableLine(id)
            : `${printableLine(planId)} ${what} ${screen.paint.bold(printableLine(id))}\n  ${screen.paint.dim(commandLine(screen, [...line, ...sameDatabase(call.global)]))}`,
        ...endingWith({
          code: result.outcome === 'waiting' ? 'WAITS' : 'REFUSED',
          text: `The plan ${what} ${printableLine(id)}.`,
        }),
      }
    }),
})
