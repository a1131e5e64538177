// The enumerations of messages. This file imports nothing, so that `purser --help` can list them
// without loading the library.

export const messageTypes = [
  'task_update',
  'question',
  'announcement',
  'review_request',
  'approval',
  'delegation',
  'status_report',
  'escalation',
  'meeting_contribution',
  'hr_notification',
  'dissent',
  'context_injection',
] as const
export const messagePriorities = ['low', 'normal', 'high', 'urgent'] as const
export const attachmentTypes = ['artifact', 'file', 'link'] as const
