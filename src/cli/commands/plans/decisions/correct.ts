// `purser plans correct`: guidance in the place of a decision, or under it.

import { correctionModes } from '../../../../records/corrections/enums.ts'
import { defineChange } from '../../../flags/actor-flag.ts'
import { text, word } from '../../../flags/flags.ts'
import { identify } from '../../../flags/identify.ts'
import { required } from '../../../run/command.ts'
import { UsageError } from '../../../run/failure.ts'
import { commandLine, sameDatabase } from '../../../screen/command-line.ts'
import { counted, printableLine } from '../../../screen/text.ts'

export const correctDecision = defineChange({
  name: 'correct',
  summary: 'say what is to be done instead of a decision, or besides it',
  description:
    'Correct a decision by guidance. In the mode revert (the default) the guidance takes the place of the decision: that one and everything under it or influenced by it is superseded, the plans that they spawned are cancelled, and the plan goes back to strategize. In the mode append the guidance is put under the decision, and nothing else changes.',
  args: { decision: required('the id of the decision, or the beginning of it') },
  flags: {
    mode: word(correctionModes, 'what becomes of the decision (default: revert)'),
    guidance: text('text', 'what is to be done; required'),
  },
  examples: [
    ['instead of a decision', 'plans correct DECISION --guidance "Generate it" --actor ada'],
    ['besides it', 'plans correct DECISION --mode append --guidance "Keep the old files" --actor ada'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { mode = 'revert', guidance } = call.flags
      if (guidance === undefined) throw new UsageError('--guidance is missing: say what is to be done')
      const { decisionId, planId } = await identify(store.decisions, call.args.decision, {
        noun: 'decision',
        list: 'purser plans decisions PLAN',
      })
      const correction = await call.acting(store).decisions.correct(decisionId, { mode, guidance })
      const { resultDecisionId, superseded, cancelledPlanIds } = correction
      return {
        data: correction,
        show: (screen) => {
          const result = printableLine(resultDecisionId ?? '')
          if (screen.quiet) return result
          const what =
            mode === 'append'
              ? `is under ${printableLine(decisionId)}`
              : `took the place of ${counted(superseded, 'decision')}; ${counted(cancelledPlanIds.length, 'plan')} cancelled`
          const line = commandLine(screen, ['plans', 'decisions', planId, ...sameDatabase(call.global)])
          return `${result} ${what}\n  ${screen.paint.dim(line)}`
        },
      }
    }),
})
