// `purser plans proceed`: takes a step if the plan's gates let it pass, else asks for an approval.

import type { AutomationStep } from '../../../index.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { text, whole } from '../../flags/flags.ts'
import { endingWith, oneWord } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { printableLine } from '../../screen/text.ts'
import { findPlan, planArgument } from './find.ts'
import { inVerbs, movedOutcome, moveFlags, verbsFrom } from './run-move.ts'

/** The steps that mean a move, as in src/records/plans/steps.ts. */
const steps = [
  'decomposeTask',
  'createTool',
  'selectTool',
  'deleteContent',
  'accessNetwork',
  'modifyConfig',
] as const satisfies readonly AutomationStep[]

export const proceedWithPlan = defineChange({
  name: 'proceed',
  summary: 'take a step if the gates of the plan let it pass, else ask a human',
  description:
    'Take a step of the plan’s profile: the move that it means, if the profile leaves it to the plan, or once its approval is approved. Otherwise the approval is found or asked for. The exit code is 0 when the plan has moved, 3 when it waits or was refused.',
  args: { ...planArgument, step: oneWord(steps, 'the step') },
  flags: {
    ...moveFlags,
    confidence: whole('percent', 'how sure the step is, for gates that depend on it', { max: 100 }),
    reason: text('text', 'why: for who decides, and for the audit trail', { field: 'reason' }),
  },
  examples: [
    ['on to execute', 'plans proceed PLAN createTool --actor otto'],
    ['with a confidence of 80 percent', 'plans proceed PLAN createTool --confidence 80'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const before = await findPlan(store, call.args.plan)
      const base = { version: call.flags.ifVersion ?? before.version }
      const { confidence, reason } = call.flags
      const next = {
        step: call.args.step,
        ...(confidence === undefined ? {} : { confidence: confidence / 100 }),
        ...(reason === undefined ? {} : { reason }),
      }
      try {
        const result = await call.acting(store).plans.proceed(before.planId, next, base)
        if (result.outcome === 'moved') {
          const { show } = movedOutcome(before, result.plan, await verbsFrom(result.plan))
          return { data: result, show }
        }
        const { id } = result.approval
        const what = result.outcome === 'waiting' ? 'waits for the approval' : 'was refused by the approval'
        const line = ['approvals', result.outcome === 'waiting' ? 'approve' : 'show', id]
        return {
          data: result,
          show: (screen) =>
            screen.quiet
              ? printableLine(id)
              : `${printableLine(before.planId)} ${what} ${screen.paint.bold(printableLine(id))}\n  ${screen.paint.dim(commandLine(screen, [...line, ...sameDatabase(call.global)]))}`,
          ...endingWith({
            code: result.outcome === 'waiting' ? 'WAITS' : 'REFUSED',
            text: `The plan ${what} ${printableLine(id)}.`,
          }),
        }
      } catch (error) {
        throw await inVerbs(error, before, call)
      }
    }),
})
