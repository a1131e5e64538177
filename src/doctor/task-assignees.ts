// Tasks without an assignee in a status that requires one, or the other way round. The definition's
// rule refuses both, but a database tool can write them.

import { needsAssignee } from '../records/tasks/definition.ts'
import { type Check, counted, enumerate, failing, MAX_NAMED, passing } from './check.ts'

const assigned = [...needsAssignee].map((status) => `'${status}'`).join(', ')
const disagreeing = `from tasks
where status = 'created' and assigned_to is not null or status in (${assigned}) and assigned_to is null`

export const taskAssigneesCheck: Check = {
  name: 'task assignees',
  needsCurrentSchema: true,
  run: async ({ read }) => {
    const [row] = await read({ sql: `select count(*) ${disagreeing}`, parameters: [] })
    const total = Number(row?.[0] ?? 0)
    if (total === 0) return passing('the status of every task agrees with its assignee')
    const named = await read({
      sql: `select id ${disagreeing} order by id limit ${MAX_NAMED}`,
      parameters: [],
    })
    const ids = named.map(([id]) => String(id))
    return failing(
      `${counted(total, 'task')} with a status that their assignee contradicts: ${enumerate(ids, total)}`,
      total,
      'correct assigned_to or status of these tasks with a database tool; Purser refuses to change them as they are',
    )
  },
}
