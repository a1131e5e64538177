// O1–O5: parked runs keep their state byte for byte, and are resumed once.

import assert from 'node:assert/strict'
import { DuplicateRecordError, InvalidRecordError, RecordNotFoundError } from '../../errors.ts'
import { events, type NewParkedRun, type Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { collect, idsOf, rejection } from '../support/expect.ts'
import { fullParkedRun, newParkedRun, ulid } from '../support/samples.ts'

const MIB = 1_048_576
/** A server may take 16 MiB for a whole statement, so that the rest of the row needs room. */
const ALMOST_ALL = 16 * MIB - 65_536
/** Runs that two processes resume. */
const SEVERAL = 20

async function resumeAtOnce(stores: readonly [Store, Store]): Promise<void> {
  for (let round = 0; round < 8; round += 1) {
    const { id } = await stores[0].parkedRuns.park(newParkedRun())
    const calls = Array.from({ length: 6 }, (_, index) =>
      stores[index % 2 === 0 ? 0 : 1].as(`worker-${index}`).parkedRuns.resume(id),
    )
    const results = await Promise.all(calls)
    const [won, ...others] = results.filter((run) => run !== null)
    assert.deepEqual(others, [])
    assert.deepEqual(await stores[1].parkedRuns.get(id), won)
    const { items } = await stores[0].audit.query({ subjectId: id })
    assert.deepEqual(
      items.map(({ action, actor }) => [action, actor]),
      [
        ['run:resume', won?.resumedBy],
        ['run:park', 'system'],
      ],
    )
  }
}

export const parkedRunCases: readonly ConformanceCase[] = [
  {
    id: 'O1',
    name: 'a parked run comes back as it was written, its state byte for byte',
    async run(harness) {
      const store = await openFresh(harness)
      const full = await store.as('agent-7').parkedRuns.park(fullParkedRun())
      assert.deepEqual(await store.parkedRuns.get(full.id), full)
      assert.deepEqual([full.stateSize, full.resumedAt, full.resumedBy], [256, null, null])
      const least = await store.parkedRuns.park(newParkedRun())
      assert.deepEqual(await store.parkedRuns.get(least.id), least)
      assert.deepEqual([least.taskId, least.planId, least.approvalId, least.metadata], [null, null, null, {}])
      const { items } = await store.audit.query({ subjectId: full.id })
      assert.deepEqual(
        items.map(({ action, actor, planId, taskId, details }) => [action, actor, planId, taskId, details]),
        [
          [
            'run:park',
            'agent-7',
            'plan-1',
            'task-1',
            { agentId: 'agent-7', approvalId: full.approvalId, format: 'test/state@1', stateSize: 256 },
          ],
        ],
      )
      await rejection(DuplicateRecordError, () => store.parkedRuns.park(newParkedRun({ id: full.id })))
    },
  },
  {
    id: 'O1b',
    name: 'the state is what it was when it was parked: a Buffer reads as a plain array, and is copied',
    async run(harness) {
      const store = await openFresh(harness)
      const state = Buffer.from('state of the run')
      const parking = store.parkedRuns.park(newParkedRun({ state }))
      state.fill(0)
      const { id } = await parking
      const run = await store.parkedRuns.get(id)
      assert.deepEqual(run?.state, new Uint8Array(Buffer.from('state of the run')))
      run?.state.fill(7)
      assert.deepEqual(
        (await store.parkedRuns.get(id))?.state,
        new Uint8Array(Buffer.from('state of the run')),
      )
    },
  },
  {
    id: 'O1c',
    name: 'a state of almost 16 MiB is kept',
    large: true,
    async run(harness) {
      const store = await openFresh(harness)
      const state = new Uint8Array(ALMOST_ALL).map((_, index) => (index * 31 + (index >> 8)) % 256)
      const { id, stateSize } = await store.parkedRuns.park(newParkedRun({ state }))
      assert.equal(stateSize, ALMOST_ALL)
      const run = await store.parkedRuns.resume(id)
      assert.equal(Buffer.compare(run?.state ?? new Uint8Array(), state), 0)
    },
  },
  {
    id: 'O2',
    name: 'of callers who resume a run at once one gets it, and every other null, in one store',
    async run(harness) {
      const store = await openFresh(harness)
      await resumeAtOnce([store, store])
    },
  },
  {
    id: 'O2b',
    name: 'of callers who resume a run at once one gets it, and every other null, in two stores',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      await resumeAtOnce([await openAt(harness, place), await openAt(harness, place)])
    },
  },
  {
    id: 'O2c',
    name: 'of two processes that resume runs each run goes to one of them',
    needs: ['processes', 'persistent'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const ids: string[] = []
      for (let index = 0; index < SEVERAL; index += 1)
        ids.push((await store.parkedRuns.park(newParkedRun())).id)
      const { perform } = feature(harness, 'processes')
      const [one, other] = (await Promise.all(
        ['ada', 'zoe'].map((actor) => perform(place, { do: 'resume-runs', actor, ids })),
      )) as readonly (readonly (string | null)[])[]
      for (const [index, id] of ids.entries()) {
        const run = await store.parkedRuns.get(id)
        assert.deepEqual([one?.[index], other?.[index]].toSorted(), [id, null].toSorted())
        assert.equal(run?.resumedBy, one?.[index] === id ? 'ada' : 'zoe')
      }
    },
  },
  {
    id: 'O3',
    name: 'lists have parked runs without their states, by agent, approval, task, plan, format and whether they wait',
    async run(harness) {
      const store = await openFresh(harness)
      const full = await store.parkedRuns.park(fullParkedRun())
      const other = await store.parkedRuns.park(newParkedRun({ agentId: 'agent-8', format: 'test/state@2' }))
      const resumed = await store.parkedRuns.resume(other.id)
      assert.ok(resumed)
      const { state: _, ...withoutState } = full
      const { items } = await store.parkedRuns.list({ resumed: false })
      assert.deepEqual(items, [withoutState])
      for (const filter of [
        { agentId: 'agent-7' },
        { approvalId: ulid(5555) },
        { taskId: 'task-1' },
        { planId: 'plan-1' },
        { format: 'test/state@1' },
        { resumed: false },
      ]) {
        const page = await store.parkedRuns.list(filter)
        assert.deepEqual(idsOf(page.items), [full.id], JSON.stringify(filter))
        assert.deepEqual(idsOf(await collect(store.parkedRuns.each(filter))), [full.id])
        assert.equal(await store.parkedRuns.count(filter), 1)
      }
      assert.deepEqual(idsOf((await store.parkedRuns.list({ resumed: true })).items), [other.id])
      assert.deepEqual(idsOf((await store.parkedRuns.list({}, { order: 'desc' })).items), [other.id, full.id])
      for (const filter of [{ resumed: 'yes' }, { state: 'x' }, { agentId: '' }])
        await rejection(InvalidRecordError, () => store.parkedRuns.list(filter as object))
    },
  },
  {
    id: 'O4',
    name: 'an empty state, one of more than 16 MiB, and what is no bytes are refused, and nothing is written',
    async run(harness) {
      const store = await openFresh(harness)
      const issueOf = async (changes: object): Promise<unknown> => {
        const input = { ...newParkedRun(), ...changes } as NewParkedRun
        const error = await rejection(InvalidRecordError, () => store.parkedRuns.park(input))
        return error.issues.map(({ path, code }) => [path[0], code])
      }
      assert.deepEqual(await issueOf({ state: new Uint8Array() }), [['state', 'empty']])
      assert.deepEqual(await issueOf({ state: new Uint8Array(16 * MIB + 1) }), [['state', 'too_long']])
      for (const state of ['text', [1, 2, 3], null, new ArrayBuffer(3), new Uint16Array(3), { 0: 1 }])
        assert.deepEqual(await issueOf({ state }), [['state', 'bytes']])
      assert.deepEqual(await issueOf({ state: undefined }), [['state', 'required']])
      for (const changes of [{ agentId: ' ' }, { format: '' }, { approvalId: '' }, { metadata: 1 }])
        await issueOf(changes)
      await issueOf({ resumedAt: new Date() })
      assert.equal(await store.parkedRuns.count(), 0)
      assert.equal(await store.audit.count(), 0)
    },
  },
  {
    id: 'O5',
    name: 'an unknown run is not found; a deleted one is gone with its state',
    async run(harness) {
      const store = await openFresh(harness)
      const told: unknown[] = []
      for (const name of [events.runParked, events.runResumed, events.runDeleted])
        store.on(name, (payload) => told.push([name, payload]))
      assert.equal(await store.parkedRuns.get(ulid(1)), null)
      await rejection(RecordNotFoundError, () => store.parkedRuns.resume(ulid(1)))
      await rejection(InvalidRecordError, () => store.parkedRuns.resume(' '))
      assert.equal(await store.parkedRuns.delete(ulid(1)), false)
      const { id } = await store.parkedRuns.park(newParkedRun())
      await store.parkedRuns.resume(id)
      assert.equal(await store.parkedRuns.resume(id), null)
      assert.equal(await store.parkedRuns.delete(id), true)
      assert.equal(await store.parkedRuns.get(id), null)
      assert.deepEqual(told, [
        [events.runParked, { id, bytes: 3 }],
        [events.runResumed, { id }],
        [events.runDeleted, { id }],
      ])
      assert.equal((await store.audit.query({ subjectId: id, action: 'run:*' })).items.length, 3)
    },
  },
]
