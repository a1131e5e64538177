// The names of every record, in the order of the registry. `npm run docs` writes it from
// registry.ts; `npm run check` compares the two. It imports nothing, so that help needs no library.

/** As they are in files and on the command line. */
export const storedTypes = [
  'action',
  'automation_profile',
  'project',
  'plan',
  'decision',
  'correction',
  'plan_checkpoint',
  'plan_step',
  'task',
  'budget',
  'cost_record',
  'cost_rollup',
  'message',
  'agent',
  'approval',
  'parked_run',
  'setting',
  'token',
  'audit_cut',
  'audit_entry',
] as const

export const recordNames = [
  {
    type: 'action',
    table: 'actions',
    property: 'actions',
    aliases: [],
  },
  {
    type: 'automation_profile',
    table: 'automation_profiles',
    property: 'automationProfiles',
    aliases: ['profile'],
  },
  {
    type: 'project',
    table: 'projects',
    property: 'projects',
    aliases: [],
  },
  {
    type: 'plan',
    table: 'plans',
    property: 'plans',
    aliases: [],
  },
  {
    type: 'decision',
    table: 'decisions',
    property: 'decisions',
    aliases: [],
  },
  {
    type: 'correction',
    table: 'corrections',
    property: 'corrections',
    aliases: [],
  },
  {
    type: 'plan_checkpoint',
    table: 'plan_checkpoints',
    property: 'planCheckpoints',
    aliases: [],
  },
  {
    type: 'plan_step',
    table: 'plan_steps',
    property: 'planSteps',
    aliases: [],
  },
  {
    type: 'task',
    table: 'tasks',
    property: 'tasks',
    aliases: [],
  },
  {
    type: 'budget',
    table: 'budgets',
    property: 'budgets',
    aliases: [],
  },
  {
    type: 'cost_record',
    table: 'cost_records',
    property: 'costRecords',
    aliases: ['cost'],
  },
  {
    type: 'cost_rollup',
    table: 'cost_rollups',
    property: null,
    aliases: ['rollup'],
  },
  {
    type: 'message',
    table: 'messages',
    property: 'messages',
    aliases: [],
  },
  {
    type: 'agent',
    table: 'agents',
    property: 'agents',
    aliases: [],
  },
  {
    type: 'approval',
    table: 'approvals',
    property: 'approvals',
    aliases: [],
  },
  {
    type: 'parked_run',
    table: 'parked_runs',
    property: 'parkedRuns',
    aliases: [],
  },
  {
    type: 'setting',
    table: 'settings',
    property: 'settings',
    aliases: [],
  },
  {
    type: 'token',
    table: 'tokens',
    property: 'tokens',
    aliases: [],
  },
  {
    type: 'audit_cut',
    table: 'audit_cuts',
    property: null,
    aliases: ['cut'],
  },
  {
    type: 'audit_entry',
    table: 'audit_entries',
    property: 'audit',
    aliases: ['audit', 'entry'],
  },
] as const
