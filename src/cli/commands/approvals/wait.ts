// `purser approvals wait`: until an approval is decided, or expires.

import { DAY } from '../../../values/instant.ts'
import { duration } from '../../flags/durations.ts'
import { defineCommand, endingWith } from '../../run/command.ts'
import { printableLine } from '../../screen/text.ts'
import { approvalArgument, findApproval } from './find.ts'
import { paintedStatus } from './view.ts'

/** Node's timers hold no more than 24.8 days. */
const LONGEST = 24 * DAY

export const waitForApproval = defineCommand({
  name: 'wait',
  summary: 'wait until an approval is decided',
  description:
    'Wait until an approval is approved, rejected, withdrawn or expired. The exit code is 0 when it is approved, 3 when it is anything else, 1 when the time is up.',
  args: approvalArgument,
  flags: {
    timeout: duration('give up after so long: 90s, 10m, 2h (default: wait as long as it takes)', {
      max: LONGEST,
    }),
  },
  examples: [
    ['until it is decided', 'approvals wait APPROVAL'],
    ['for ten minutes', 'approvals wait APPROVAL --timeout 10m'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { id } = await findApproval(store, call.args.approval)
      const { timeout } = call.flags
      const approval = await store.approvals.wait(id, { timeout })
      const { status } = approval
      return {
        data: approval,
        show: (screen) =>
          screen.quiet ? status : `${printableLine(id)} is ${paintedStatus(screen, status)}`,
        ...endingWith(status !== 'approved' && { code: 'NOT_APPROVED', text: `The approval is ${status}.` }),
      }
    }),
})
