// Y1–Y5: agents say that they are there, and what they are; beats and patches of many processes get
// along; who is idle is decided by the database's clock.

import assert from 'node:assert/strict'
import { InvalidRecordError, RecordNotFoundError } from '../../errors.ts'
import { type Agent, type AgentPatch, events, type Store } from '../../index.ts'
import { inThePast } from '../store/clock.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { collect, idsOf, rejection } from '../support/expect.ts'
import { fullAgent } from '../support/samples.ts'

const HOUR = 3_600_000

async function actionsOf(store: Store, id: string): Promise<readonly string[]> {
  const { items } = await store.audit.query({ subjectType: 'agent', subjectId: id })
  return items.map(({ action }) => action).toReversed()
}

async function found(store: Store, id: string): Promise<Agent> {
  const agent = await store.agents.get(id)
  assert.ok(agent)
  return agent
}

/** Patches of different fields and beats without one, all at once, of one agent. */
async function patchAtOnce(stores: readonly [Store, Store]): Promise<void> {
  const patches: readonly AgentPatch[] = [
    { displayName: 'June' },
    { role: 'coder' },
    { capabilities: ['typescript'] },
    { metadata: { host: 'build-1' } },
    {},
    {},
  ]
  for (let round = 0; round < 5; round += 1) {
    const id = `agent-${round}`
    const calls = patches.map((patch, index) => stores[index % 2 === 0 ? 0 : 1].agents.seen(id, patch))
    await Promise.all(calls)
    const agent = await found(stores[1], id)
    const { displayName, role, capabilities, metadata, status } = agent
    assert.deepEqual(
      { displayName, role, capabilities, metadata, status },
      {
        displayName: 'June',
        role: 'coder',
        capabilities: ['typescript'],
        metadata: { host: 'build-1' },
        status: 'active',
      },
    )
    const actions = await actionsOf(stores[0], id)
    assert.equal(actions[0], 'agent:create')
    assert.equal(actions.length, agent.version)
  }
}

export const agentCases: readonly ConformanceCase[] = [
  {
    id: 'Y1',
    name: 'an agent that is seen has a record; what it says of itself is set, and the rest stays',
    async run(harness) {
      const store = await openFresh(harness)
      const told: unknown[] = []
      for (const name of [events.agentCreated, events.agentUpdated, events.agentStopped])
        store.on(name, (payload) => told.push([name, payload]))
      const first = await store.agents.seen('agent-7')
      assert.deepEqual(
        [first.status, first.displayName, first.role, first.capabilities, first.metadata, first.version],
        ['active', null, null, [], {}, 1],
      )
      assert.deepEqual(await found(store, 'agent-7'), first)
      const full = await store.agents.seen('agent-7', fullAgent())
      assert.deepEqual(await found(store, 'agent-7'), full)
      assert.equal(full.version, 2)
      const role = await store.agents.seen('agent-7', { role: null })
      assert.deepEqual(
        [role.displayName, role.role, role.capabilities],
        [full.displayName, null, full.capabilities],
      )
      assert.deepEqual(await actionsOf(store, 'agent-7'), ['agent:create', 'agent:update', 'agent:update'])
      assert.deepEqual(told, [
        [events.agentCreated, { id: 'agent-7' }],
        [events.agentUpdated, { id: 'agent-7', version: 2 }],
        [events.agentUpdated, { id: 'agent-7', version: 3 }],
      ])
    },
  },
  {
    id: 'Y1b',
    name: "a beat sets the time by the database's clock, and neither version, entry nor event",
    async run(harness) {
      const store = await openFresh(harness)
      const full = await store.agents.seen('agent-7', fullAgent())
      const entries = await store.audit.count()
      const told: unknown[] = []
      for (const name of [events.agentCreated, events.agentUpdated, events.agentStopped])
        store.on(name, (payload) => told.push(payload))
      await inThePast(HOUR, async () => {
        const beat = await store.agents.seen('agent-7')
        const same = await store.agents.seen('agent-7', fullAgent())
        for (const agent of [beat, same]) {
          assert.ok(agent.lastSeenAt >= full.lastSeenAt)
          assert.deepEqual({ ...agent, lastSeenAt: full.lastSeenAt }, full)
        }
      })
      assert.equal(await store.audit.count(), entries)
      assert.deepEqual(told, [])
    },
  },
  {
    id: 'Y2',
    name: 'patches and beats of one agent at once all count, in one store',
    async run(harness) {
      const store = await openFresh(harness)
      await patchAtOnce([store, store])
    },
  },
  {
    id: 'Y2b',
    name: 'patches and beats of one agent at once all count, in two stores',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      await patchAtOnce([await openAt(harness, place), await openAt(harness, place)])
    },
  },
  {
    id: 'Y2c',
    name: 'patches and beats of one agent by several processes all count',
    needs: ['processes', 'persistent'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const { perform } = feature(harness, 'processes')
      const patches: readonly AgentPatch[] = [
        { displayName: 'June' },
        { role: 'coder' },
        { capabilities: ['typescript'] },
      ]
      await Promise.all(
        patches.map((patch) => perform(place, { do: 'see-agent', id: 'agent-7', patch, times: 40 })),
      )
      const { displayName, role, capabilities } = await found(store, 'agent-7')
      assert.deepEqual([displayName, role, capabilities], ['June', 'coder', ['typescript']])
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'Y3',
    name: 'a stopped agent stays stopped until it is seen again',
    async run(harness) {
      const store = await openFresh(harness)
      await rejection(RecordNotFoundError, () => store.agents.stop('agent-7'))
      const first = await store.agents.seen('agent-7', { role: 'coder' })
      const stopped = await store.agents.stop('agent-7')
      assert.deepEqual([stopped.status, stopped.version, stopped.role], ['stopped', 2, 'coder'])
      assert.deepEqual(stopped.lastSeenAt, first.lastSeenAt)
      assert.deepEqual(await found(store, 'agent-7'), stopped)
      assert.deepEqual(await store.agents.stop('agent-7'), stopped)
      const again = await store.agents.seen('agent-7')
      assert.deepEqual([again.status, again.version, again.role], ['active', 3, 'coder'])
      assert.deepEqual(await actionsOf(store, 'agent-7'), ['agent:create', 'agent:stop', 'agent:start'])
    },
  },
  {
    id: 'Y4',
    name: 'an agent that is not seen for as long as the configuration says is idle, in every read and filter',
    needs: ['sql'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place, { agentIdleAfter: HOUR / 2 })
      await inThePast(HOUR, () => store.agents.seen('gone', { role: 'coder' }))
      await feature(harness, 'sql')(place, 'update agents set last_seen_at = created_at')
      await store.agents.seen('stopped')
      await store.agents.stop('stopped')
      await store.agents.seen('here', { role: 'coder' })
      const expected = { active: ['here'], idle: ['gone'], stopped: ['stopped'] }
      const statuses = new Map((await store.agents.list()).items.map(({ id, status }) => [id, status]))
      assert.deepEqual(
        [statuses.get('here'), statuses.get('gone'), statuses.get('stopped')],
        ['active', 'idle', 'stopped'],
      )
      for (const [status, ids] of Object.entries(expected)) {
        const filter = { status: status as Agent['status'] }
        const { items } = await store.agents.list(filter)
        assert.deepEqual(idsOf(items), ids, status)
        assert.ok(items.every((agent) => agent.status === status))
        assert.deepEqual(idsOf(await collect(store.agents.each(filter))), ids)
        assert.equal(await store.agents.count(filter), 1)
      }
      assert.equal((await store.agents.getMany(['gone'])).get('gone')?.status, 'idle')
      const coders = await store.agents.list({ role: 'coder', status: ['active', 'idle'] })
      assert.deepEqual(idsOf(coders.items), ['gone', 'here'])
      assert.equal((await store.agents.seen('gone')).status, 'active')
    },
  },
  {
    id: 'Y5',
    name: 'blank ids and names, unknown fields and words are refused, and nothing is written',
    async run(harness) {
      const store = await openFresh(harness)
      assert.equal(await store.agents.get('agent-7'), null)
      for (const id of ['', ' ', 'a\u0007', 7, undefined])
        await rejection(InvalidRecordError, () => store.agents.seen(id as string))
      for (const patch of [
        { role: ' ' },
        { displayName: '' },
        { capabilities: ['a', 'a'] },
        { capabilities: [''] },
        { metadata: [] },
        { status: 'stopped' },
        { lastSeenAt: new Date() },
        { id: 'agent-8' },
        { mood: 'good' },
        [],
      ]) {
        await rejection(
          InvalidRecordError,
          () => store.agents.seen('agent-7', patch as object),
          JSON.stringify(patch),
        )
      }
      await rejection(InvalidRecordError, () => store.agents.list({ status: 'asleep' as 'idle' }))
      assert.equal(await store.agents.count(), 0)
      assert.equal(await store.audit.count(), 0)
    },
  },
]
