// The kinds of records by the names that they have in files and on the command line, in transfer
// order. It imports nothing, so that help can show them without the library; a test checks them
// against the definitions.

export const recordTypes = [
  'action',
  'automation_profile',
  'plan',
  'task',
  'cost_record',
  'cost_rollup',
  'message',
  'audit_cut',
  'audit_entry',
  'finding',
  'original',
] as const

export type RecordType = (typeof recordTypes)[number]

/** What an import does at a line that cannot be stored. */
export const errorPolicies = ['stop', 'skip'] as const
export type ErrorPolicy = (typeof errorPolicies)[number]
