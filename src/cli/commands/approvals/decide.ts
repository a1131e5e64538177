// `purser approvals approve`, `reject` and `withdraw`: an approval is decided once.

import { defineChange, ifVersion } from '../../flags/actor-flag.ts'
import { text } from '../../flags/flags.ts'
import type { Command, Example } from '../../run/command.ts'
import { textOrStdin } from '../../run/stdin.ts'
import { printableLine } from '../../screen/text.ts'
import { approvalArgument, findApproval } from './find.ts'
import { paintedStatus } from './view.ts'

type Verb = 'approve' | 'reject' | 'withdraw'

function decide(name: Verb, summary: string, description: string, example: Example): Command {
  return defineChange({
    name,
    summary,
    description,
    args: approvalArgument,
    flags: {
      reason: text('text', 'why; - reads it from standard input', { field: 'reason' }),
      ifVersion: ifVersion('approval'),
    },
    examples: [example, ['only as it was seen', `approvals ${name} APPROVAL --if-version 1`]],
    run: async (call) => {
      const reason = await textOrStdin('--reason', call.flags.reason)
      return call.withStore('existing', async (store) => {
        const before = await findApproval(store, call.args.approval)
        const base = { version: call.flags.ifVersion ?? before.version }
        const approval = await call.acting(store).approvals[name](before.id, { reason }, base)
        return {
          data: approval,
          show: (screen) =>
            screen.quiet
              ? ''
              : `${printableLine(approval.id)} is now ${paintedStatus(screen, approval.status)}`,
        }
      })
    },
  })
}

export const approveApproval = decide(
  'approve',
  'allow what was asked for',
  'Allow what was asked for. Who asked may not approve, unless the configuration says selfApproval: true. Refused when it was decided before, or has expired.',
  ['allow it', 'approvals approve APPROVAL --actor ada --reason "Reviewed"'],
)

export const rejectApproval = decide(
  'reject',
  'refuse what was asked for',
  'Refuse what was asked for. Who asked may not reject, but withdraw.',
  ['refuse it', 'approvals reject APPROVAL --actor ada --reason "Not before Monday"'],
)

export const withdrawApproval = decide(
  'withdraw',
  'take back what one asked for',
  'Take back what one asked for. Only the actor that asked may.',
  ['take it back', 'approvals withdraw APPROVAL --actor otto'],
)
