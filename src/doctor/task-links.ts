// Records that name a task of a plan, but no plan: they were adopted, imported, or stored before
// the task had its plan. Costs and messages of the plan do not include them. An audit entry about
// the task itself is none of them: it says which plan the task had when it was changed.

import { auditEntryDefinition } from '../records/audit-entries/definition.ts'
import { costRecordDefinition } from '../records/cost-records/definition.ts'
import { messageDefinition } from '../records/messages/definition.ts'
import { taskDefinition } from '../records/tasks/definition.ts'
import { type Check, counted, passing } from './check.ts'

const definitions = [
  { ...costRecordDefinition, others: '' },
  { ...messageDefinition, others: '' },
  {
    ...auditEntryDefinition,
    others: ` and record.subject_type <> '${taskDefinition.auditing?.subjectType}'`,
  },
]

export const taskLinksCheck: Check = {
  name: 'task links',
  needsCurrentSchema: true,
  run: async (patient) => {
    const found: string[] = []
    let total = 0
    for (const [index, { name, plural, shape, others }] of definitions.entries()) {
      const sql = `select count(*) from ${shape.table} record join tasks on tasks.id = record.task_id where record.plan_id is null and tasks.plan_id is not null${others}`
      const [row] = await patient.read({ sql, parameters: [] })
      const count = Number(row?.[0] ?? 0)
      if (count > 0) found.push(counted(count, name, plural))
      total += count
      patient.progress((index + 1) / definitions.length)
    }
    if (total === 0) return passing('every record about a task of a plan names a plan')
    return {
      status: 'warn',
      detail: `${found.join(', ')} ${total === 1 ? 'names' : 'name'} a task of a plan, and no plan`,
      count: total,
      next: 'they stay as they are; ask for these by task, not by plan',
    }
  },
}
