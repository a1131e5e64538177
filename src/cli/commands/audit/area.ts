// `purser audit …`

import type { Area } from '../../run/command.ts'
import { appendAudit } from './append.ts'
import { auditHead } from './head.ts'
import { auditLog } from './log.ts'
import { verifyAudit } from './verify.ts'

export const audit: Area = {
  name: 'audit',
  record: 'audit_entry',
  summary: 'who did what, and the proof that the record was not changed: log, verify, head, append',
  commands: [auditLog, verifyAudit, auditHead, appendAudit],
}
