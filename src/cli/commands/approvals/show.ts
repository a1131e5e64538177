// `purser approvals show`: everything about one approval, and the runs that wait for it.

import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { approvalArgument, findApproval } from './find.ts'
import { approvalLines } from './view.ts'

export const showApproval = defineCommand({
  name: 'show',
  summary: 'show one approval, and what came of it',
  args: approvalArgument,
  examples: [
    ['one approval', 'approvals show APPROVAL'],
    ['as JSON', 'approvals show APPROVAL --json'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const approval = await findApproval(store, call.args.approval)
      const { id, status } = approval
      const parkedRuns = await store.parkedRuns.count({ approvalId: id, resumed: false })
      const approve = ['approvals', 'approve', id, ...sameDatabase(call.global)]
      return {
        data: { ...approval, related: { parkedRuns } },
        show: (screen) =>
          [
            ...approvalLines(screen, approval),
            ...(screen.quiet || parkedRuns === 0 ? [] : ['', `Parked runs that wait for it: ${parkedRuns}`]),
            ...(screen.quiet || status !== 'pending'
              ? []
              : ['', screen.paint.dim('To allow it:'), `  ${commandLine(screen, approve)}`]),
          ].join('\n'),
      }
    }),
})
