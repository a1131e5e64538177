// `purser plans resume`: whether a plan can be resumed, from where, and what to run. It changes
// nothing.

import type { Resumability, ResumeObstacle } from '../../../../index.ts'
import { defineCommand, endingWith } from '../../../run/command.ts'
import { commandLine, sameDatabase } from '../../../screen/command-line.ts'
import { facts } from '../../../screen/facts.ts'
import type { Screen } from '../../../screen/screen.ts'
import { printableLine } from '../../../screen/text.ts'
import { findPlan, planArgument } from '../find.ts'
import { phaseAndStateText } from '../view.ts'

type Resumable = Extract<Resumability, { resumable: true }>

/** The command that leads on from what cannot be resumed. */
const instead: Readonly<Record<ResumeObstacle, string | undefined>> = {
  ended: undefined,
  not_begun: 'use',
  phase_complete: 'advance',
  constrained: 'revert',
}

export const resumePlan = defineCommand({
  name: 'resume',
  summary: 'say whether the plan can be resumed, from where, and what to run',
  description:
    'Say whether the work of the plan can be resumed: its next step, its last checkpoint and its last decision, and the commands that make it work again. Nothing is changed. The exit code is 0 when it can be resumed, and 3 when it cannot.',
  args: planArgument,
  examples: [['after a crash', 'plans resume demo/tide-service']],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { planId } = await findPlan(store, call.args.plan)
      const answer = await store.plans.resumable(planId)
      const line = (...words: string[]) =>
        commandLine(call.screen, ['plans', ...words, ...sameDatabase(call.global)])
      return {
        data: answer,
        show: (screen) => {
          if (screen.quiet) return answer.resumable ? String(answer.step) : answer.reason
          return (
            answer.resumable
              ? resumableLines(screen, answer, line)
              : [
                  `${printableLine(planId)} cannot be resumed: ${answer.message}`,
                  ...next(screen, [instead[answer.reason]], planId, line),
                ]
          ).join('\n')
        },
        ...endingWith(
          answer.resumable
            ? null
            : { code: 'NOT_RESUMABLE', text: `The plan cannot be resumed: ${answer.message}.` },
        ),
      }
    }),
})

function resumableLines(
  screen: Screen,
  { plan, move, step, total, recorded, checkpoint, decision }: Resumable,
  line: (...words: string[]) => string,
): readonly string[] {
  const { planId } = plan
  const name = recorded?.name ? `, ${printableLine(recorded.name)}` : ''
  const isAll = total !== null && step >= total
  const from = isAll
    ? `all ${total} steps are done`
    : `step ${step}${total === null ? '' : ` of ${total}`}${name}`
  const at = checkpoint && [checkpoint.alias, checkpoint.sandboxRef].flatMap((text) => text ?? [])
  const moves = { start: ['start'], retry: ['retry', 'start'], none: isAll ? ['complete'] : [] }[
    move ?? 'none'
  ]
  return [
    `${screen.paint.bold(printableLine(planId))} can be resumed`,
    ...facts(screen, [
      ['At', `${phaseAndStateText(plan)}, attempt ${plan.attempt}`],
      ['From', from],
      ['Checkpoint', checkpoint && printableLine([checkpoint.checkpointId, ...(at ?? [])].join(' '))],
      ['Decision', decision && printableLine(`${decision.sequence}: ${decision.chosenOption}`).slice(0, 200)],
    ]),
    ...next(screen, moves, planId, line),
    ...(checkpoint ? [`  ${line('restore', checkpoint.checkpointId, '--reason', 'WHY')}`] : []),
  ]
}

function next(
  screen: Screen,
  moves: readonly (string | undefined)[],
  planId: string,
  line: (...words: string[]) => string,
): readonly string[] {
  const lines = moves.flatMap((move) => {
    if (move === undefined) return []
    return move === 'revert' ? [line(move, planId, '--reason', 'WHY')] : [line(move, planId)]
  })
  if (lines.length === 0) return []
  return ['', screen.paint.dim('Next:'), ...lines.map((text) => `  ${text}`)]
}
