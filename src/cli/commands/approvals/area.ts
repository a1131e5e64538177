// `purser approvals …`

import type { Area } from '../../run/command.ts'
import { approveApproval, rejectApproval, withdrawApproval } from './decide.ts'
import { listApprovals } from './list.ts'
import { requestApproval } from './request.ts'
import { showApproval } from './show.ts'
import { waitForApproval } from './wait.ts'

export const approvals: Area = {
  name: 'approvals',
  record: 'approval',
  summary: 'what agents ask to be allowed: list, show, request, approve, reject, withdraw, wait',
  commands: [
    listApprovals,
    showApproval,
    requestApproval,
    approveApproval,
    rejectApproval,
    withdrawApproval,
    waitForApproval,
  ],
}
