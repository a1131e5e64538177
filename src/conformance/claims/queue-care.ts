// W9, W10: what is kept beside tasks agrees with them whatever happens to them; the doctor compares
// it, puts it right, and warns of what no claim can; claims find tasks that wait for nothing.

import assert from 'node:assert/strict'
import type { DoctorCheckName, Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt } from '../support/case.ts'
import { idsOf, only } from '../support/expect.ts'
import { newTask } from '../support/samples.ts'
import { claimOne, LONG, readyIds, until } from './claim-samples.ts'

async function checkOf(store: Store, name: DoctorCheckName) {
  return only((await store.doctor({ only: [name] })).checks)
}

export const queueCareCases: readonly ConformanceCase[] = [
  {
    id: 'W9',
    name: 'a queue that was tampered with is noticed, and derived anew from the tasks',
    needs: ['sql'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const sql = feature(harness, 'sql')
      const ids = ['a', 'b', 'c', 'd', 'e', 'f']
      for (const id of ids.slice(0, 4)) await store.tasks.create(newTask({ id }))
      await store.tasks.create(newTask({ id: 'e', dependencies: ['a', 'b'] }))
      await store.tasks.create(newTask({ id: 'f', dependencies: ['c', 'missing'] }))
      const ready = await readyIds(store)
      assert.equal((await checkOf(store, 'task queue')).status, 'ok')
      await sql(place, `delete from task_queue where task = 'a'`)
      await sql(place, `update task_queue set owner = 'nobody' where task = 'b'`)
      await sql(place, `update task_queue set unmet = 3 where task = 'c'`)
      await sql(place, `update task_queue set project = 'other' where task = 'd'`)
      await sql(place, `update task_dependencies set met = 1 where task = 'e' and dependency = 'a'`)
      await sql(place, `delete from task_dependencies where task = 'f' and dependency = 'missing'`)
      await sql(place, `insert into task_dependencies (task, dependency, met) values ('gone', 'a', 0)`)
      const found = await checkOf(store, 'task queue')
      assert.deepEqual([found.status, found.count], ['fail', 7])
      for (const id of [...ids, 'gone']) assert.ok(found.detail.includes(id), found.detail)
      const before = await store.tasks.getMany(ids)
      const plan = await store.repairPlan()
      const repair = only(plan.repairs)
      assert.deepEqual([repair.kind, repair.table, repair.id], ['queue', 'task_queue', null])
      const report = await store.as('ada').repair(plan)
      assert.deepEqual([report.done.length, report.failed], [1, []])
      assert.equal((await checkOf(store, 'task queue')).status, 'ok')
      assert.deepEqual((await store.repairPlan()).repairs, [])
      assert.deepEqual(await readyIds(store), ready)
      assert.deepEqual(await store.tasks.getMany(ids), before)
      const entry = only((await store.audit.query({ action: 'doctor:fix' })).items)
      assert.deepEqual([entry.actor, entry.subjectId], ['ada', 'task_queue'])
    },
  },
  {
    id: 'W9b',
    name: 'the queue agrees with tasks that people and workers have moved in every way',
    async run(harness) {
      const store = await openAt(harness, harness.newPlace())
      const { tasks } = store
      await tasks.createMany(
        Array.from({ length: 40 }, (_, index) =>
          newTask({
            id: `t-${index}`,
            dependencies: index < 4 ? [] : [...new Set([`t-${index - 4}`, `t-${index >> 1}`])],
          }),
        ),
      )
      for (let turn = 0; turn < 30; turn += 1) {
        const claimed = await tasks.claim({ agent: `agent-${turn % 3}`, limit: 3, lease: '1h' })
        for (const [index, { id, claimId, version }] of claimed.entries()) {
          const way = (turn + index) % 5
          if (way === 0) await tasks.fail(id, claimId, { error: 'x', retryIn: turn % 2 === 0 ? '1h' : 0 })
          else if (way === 1) await tasks.release(id, claimId)
          else if (way === 2) await tasks.transition(id, 'cancelled', { version })
          else await tasks.complete(id, claimId, { patch: { priority: 'high', project: 'other' } })
        }
        const changed = await tasks.get(`t-${39 - turn}`)
        const dependencies = [...new Set(['t-1', `t-${turn % 4}`])].slice(turn % 2)
        if (changed) await tasks.update(changed.id, { dependencies }, changed)
        if (turn % 7 === 6) await tasks.delete(`t-${turn}`)
      }
      assert.deepEqual(await checkOf(store, 'task queue'), {
        ...{ name: 'task queue', status: 'ok', count: 0, next: null },
        detail: 'the queue of ready tasks agrees with the tasks',
      })
      const claims = await tasks.claim({ agent: 'last', limit: 100, lease: '1h' })
      for (const { id } of claims) assert.deepEqual(await tasks.waiting(id), [])
      assert.equal((await checkOf(store, 'task queue')).status, 'ok')
    },
  },
  {
    id: 'W9c',
    name: 'the doctor warns of dependencies that nothing will meet, and of leases that nobody took back',
    async run(harness) {
      const store = await openAt(harness, harness.newPlace())
      await store.tasks.create(newTask({ id: 'waits', dependencies: ['missing'] }))
      await store.tasks.create(newTask({ id: 'fine' }))
      const dependencies = await checkOf(store, 'task dependencies')
      assert.deepEqual([dependencies.status, dependencies.count], ['warn', 1])
      assert.match(dependencies.detail, /waits/)
      assert.equal((await checkOf(store, 'task claims')).status, 'ok')
      const { id } = await claimOne(store, { lease: 10 })
      await until('the end of the lease', async () => (await checkOf(store, 'task claims')).status === 'warn')
      assert.match((await checkOf(store, 'task claims')).detail, /fine/)
      assert.deepEqual(idsOf(await store.tasks.recover()), [id])
      assert.equal((await checkOf(store, 'task claims')).status, 'ok')
      await store.tasks.create(newTask({ id: 'missing' }))
      assert.equal((await checkOf(store, 'task dependencies')).status, 'ok')
      assert.equal((await store.doctor()).ok, true)
    },
  },
  {
    id: 'W10',
    name: 'a task whose count of unmet dependencies is too high is found by claims that get too little',
    needs: ['sql'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const sql = feature(harness, 'sql')
      const { tasks } = store
      await tasks.create(newTask({ id: 'before' }))
      const { claimId } = await claimOne(store)
      await tasks.complete('before', claimId)
      for (const id of ['a-edge', 'b-count']) await tasks.create(newTask({ id, dependencies: ['before'] }))
      await tasks.create(newTask({ id: 'waits', dependencies: ['before', 'missing'] }))
      // As if one transaction had named a task while another created and completed it.
      await sql(place, `update task_dependencies set met = 0 where task = 'a-edge'`)
      await sql(place, `update task_queue set unmet = 1 where task in ('a-edge', 'b-count')`)
      assert.deepEqual(await readyIds(store), [])
      assert.equal((await checkOf(store, 'task queue')).status, 'fail')
      const before = await tasks.getMany(['a-edge', 'b-count', 'waits'])
      const head = await store.changes.head()
      assert.deepEqual(idsOf(await tasks.recover()), [])
      assert.deepEqual(await readyIds(store), ['a-edge', 'b-count'])
      assert.equal((await checkOf(store, 'task queue')).status, 'ok')
      assert.deepEqual(await tasks.getMany(['a-edge', 'b-count', 'waits']), before)
      assert.equal(await store.changes.head(), head)
      // The next claim that gets too little finds it, a second after the last look.
      await sql(place, `update task_queue set unmet = 2 where task = 'a-edge'`)
      const claimed: string[] = []
      await until('the claim of both', async () => {
        claimed.push(...idsOf(await tasks.claim({ agent: 'agent-1', lease: LONG, limit: 5 })))
        return claimed.length === 2
      })
      assert.deepEqual(claimed, ['b-count', 'a-edge'])
      assert.deepEqual(await tasks.waiting('waits'), [{ id: 'missing', status: null }])
      assert.deepEqual(idsOf(await tasks.recover()), [])
      assert.deepEqual(await readyIds(store), [])
    },
  },
  {
    id: 'W10b',
    name: 'each look reads on where the last one ended, and begins again at the end',
    needs: ['sql'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const sql = feature(harness, 'sql')
      const { tasks } = store
      const ids = Array.from({ length: 1200 }, (_, index) => `t-${String(index).padStart(4, '0')}`)
      await tasks.create(newTask({ id: 'before' }))
      const { claimId } = await claimOne(store)
      await tasks.complete('before', claimId)
      await tasks.createMany(
        ids.map((id, index) =>
          newTask({ id, dependencies: index < 150 || index === 1199 ? ['before'] : ['missing'] }),
        ),
      )
      await sql(place, `update task_queue set unmet = 3 where task < 't-0150' or task = 't-1199'`)
      const rounds: number[] = []
      for (let look = 0; look < 4; look += 1) {
        await tasks.recover()
        rounds.push((await tasks.ready({}, { limit: 500 })).items.length)
      }
      assert.deepEqual(rounds, [100, 150, 151, 151])
      await sql(place, `update task_queue set unmet = 3 where task = 't-0000' or task = 't-1199'`)
      for (let look = 0; look < 3; look += 1) await tasks.recover()
      assert.equal((await tasks.ready({}, { limit: 500 })).items.length, 151)
      assert.equal((await checkOf(store, 'task queue')).status, 'ok')
    },
  },
]
