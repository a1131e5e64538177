// `purser approvals request`: asks for an approval.

import type { NewApproval } from '../../../index.ts'
import { riskLevels } from '../../../records/audit-entries/enums.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { checkNew } from '../../flags/check-fields.ts'
import { fieldsOf, jsonObject, text, timeAhead, under, word } from '../../flags/flags.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { textOrStdin } from '../../run/stdin.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { printableLine } from '../../screen/text.ts'

const needed = under('Needed:', {
  kind: text('area:verb', 'what is asked for, such as tool:call', { field: 'kind' }),
  subjectType: text('word', 'the kind of what it is about, such as tool', { field: 'subjectType' }),
})

const optional = under('Optional:', {
  subject: text('id', 'what it is about', { field: 'subjectId' }),
  reason: text('text', 'why it is needed; - reads it from standard input', { field: 'reason' }),
  riskLevel: word(riskLevels, 'default low', { field: 'riskLevel' }),
  expires: timeAhead(
    'from when on it can no longer be decided: how long from now, such as 2h or 3d, a date (UTC), or a time with offset',
    { field: 'expiresAt' },
  ),
  details: jsonObject('anything else that is needed to decide', { field: 'details' }),
  plan: text('id', 'the plan it belongs to', { field: 'planId' }),
  task: text('id', 'the task it belongs to', { field: 'taskId' }),
  key: text('key', 'asking again with the same key returns the same approval', { field: 'idempotencyKey' }),
})

const own = { ...needed, ...optional }

export const requestApproval = defineChange({
  name: 'request',
  summary: 'ask for an approval',
  description:
    'Ask for an approval in the name of --actor. Another actor has to decide it, unless the configuration says selfApproval: true.',
  flags: own,
  examples: [
    [
      'an approval of a call',
      'approvals request --kind tool:call --subject-type tool --subject shell --reason "The migration has to run" --actor otto',
    ],
    [
      'one that expires, for a script that waits for it',
      'approvals request --kind deploy:start --subject-type service --subject web --expires 24h --quiet',
    ],
  ],
  validate: ({ flags }) => checkNew(({ approvalDefinition }) => approvalDefinition, fieldsOf(own, flags)),
  run: async (call) => {
    const reason = await textOrStdin('--reason', call.flags.reason)
    const given = fieldsOf(own, { ...call.flags, reason })
    return call.withStore('existing', async (store) => {
      const input = (await withWholeIds(store, given)) as unknown as NewApproval
      const approval = await call.acting(store).approvals.request(input)
      const id = printableLine(approval.id)
      const approve = ['approvals', 'approve', approval.id, ...sameDatabase(call.global)]
      return {
        data: approval,
        show: (screen) =>
          screen.quiet
            ? id
            : `Asked for ${printableLine(approval.kind)}: ${screen.paint.bold(id)}\n  ${screen.paint.dim(commandLine(screen, approve))}`,
      }
    })
  },
})
