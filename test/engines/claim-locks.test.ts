// On servers a claim waits for no other transaction: what another transaction holds is left out. And
// what a transaction cannot lock, because it is not there yet, is found later.

import { expect, test } from 'vitest'
import { type NewTask, openStore } from '../../src/index.ts'
import { describeOnServers, engineAt } from '../support/engines/servers.ts'

const task: NewTask = { title: 't', description: 'd', project: 'p', createdBy: 'lead', type: 'admin' }

describeOnServers('claims beside an open transaction', (places) => {
  test('take the tasks that it has not locked, at once', async () => {
    const url = places.urlOf(await places.create())
    await using store = await openStore(url)
    await store.tasks.createMany(['a', 'b', 'c'].map((id) => ({ ...task, id })))
    const engine = engineAt(places.engine, url)
    await engine.connect()
    const other = await engine.begin()
    try {
      const sql = `select id from tasks where id = 'a' for update`
      expect(await other.read({ sql, parameters: [] })).toEqual([['a']])
      const start = performance.now()
      const claimed = await store.tasks.claim({ agent: 'agent-1', limit: 2 })
      expect(claimed.map(({ id }) => id)).toEqual(['b', 'c'])
      expect(await store.tasks.claim({ agent: 'agent-2' })).toEqual([])
      expect(performance.now() - start).toBeLessThan(3000)
    } finally {
      await other.rollback()
      await engine.disconnect()
    }
    expect((await store.tasks.claim({ agent: 'agent-2' })).map(({ id }) => id)).toEqual(['a'])
  })

  test('find a task that was named before its dependency was there', async () => {
    const url = places.urlOf(await places.create())
    await using store = await openStore(url)
    await using other = await openStore(url)
    let late: Promise<unknown> | undefined
    await other.transaction(async (tx) => {
      await tx.tasks.create({ ...task, id: 'named-early', dependencies: ['late'] })
      // Both write to the audit trail, so the second waits for the first to be committed.
      late = store.tasks.create({ ...task, id: 'late' })
    })
    await late
    const [claimed] = await store.tasks.claim({ agent: 'agent-1', limit: 3 })
    expect(claimed?.id).toBe('late')
    await store.tasks.complete('late', claimed?.claimId ?? '')
    expect(await store.tasks.waiting('named-early')).toEqual([])
    const next = await other.tasks.claim({ agent: 'agent-2', limit: 3 })
    expect(next.map(({ id }) => id)).toEqual(['named-early'])
    const { checks } = await store.doctor({ only: ['task queue'] })
    expect(checks[0]?.status).toBe('ok')
  })
})
