// Expired leases that no worker has taken back: none has claimed anything since.

import { type Check, counted, enumerate, MAX_NAMED, passing } from './check.ts'

export const taskClaimsCheck: Check = {
  name: 'task claims',
  needsCurrentSchema: true,
  run: async ({ engine, read }) => {
    const expired = `from tasks where status = 'in_progress' and lease_expires_at <= ${engine.locking.now}`
    const [row] = await read({ sql: `select count(*) ${expired}`, parameters: [] })
    const total = Number(row?.[0] ?? 0)
    if (total === 0) return passing('no task has an expired lease')
    const sql = `select id ${expired} order by id limit ${MAX_NAMED}`
    const ids = (await read({ sql, parameters: [] })).map(([id]) => String(id))
    return {
      status: 'warn',
      detail: `${counted(total, 'task')} whose lease has expired, and which no worker has taken back: ${enumerate(ids, total)}`,
      count: total,
      next: 'the next claim takes them back; see whether a worker is running',
    }
  },
}
