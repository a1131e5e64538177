// I5–I8: how rules are enforced: a new database refuses, another records, a call overrides by name;
// all of it in the audit trail. Shown on the rule that a denied tool is not recorded as allowed.

import assert from 'node:assert/strict'
import { InvalidRecordError, ToolDeniedError } from '../../errors.ts'
import { type AuditEntry, events, type NewAuditEntry, type Store } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh, openStrict } from '../support/case.ts'
import { collect, only, rejection } from '../support/expect.ts'
import { newPlan, newProfile, newTask } from '../support/samples.ts'

/** A plan whose profile denies the tool `shell`. */
async function denying(store: Store): Promise<string> {
  const guards = { deniedTools: ['shell'] }
  const { name } = await store.automationProfiles.create(newProfile({ guards }))
  return (await store.plans.create(newPlan({ automationProfile: name }))).planId
}

const allowed = (planId: string | null, changes: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  ...{ action: 'tool:call', subjectType: 'tool', subjectId: 'shell', verdict: 'allow', planId },
  ...changes,
})

const tools = (store: Store): Promise<readonly AuditEntry[]> =>
  collect(store.audit.each({ subjectType: 'tool' }, { order: 'asc' }))

export const enforcementCases: readonly ConformanceCase[] = [
  {
    id: 'I5',
    name: 'a new database refuses a denied tool that is recorded as allowed, also by way of a task, and stores nothing',
    async run(harness) {
      const store = await openStrict(harness)
      const planId = await denying(store)
      const task = await store.tasks.create(newTask({ planId }))
      const told: unknown[] = []
      store.on(events.ruleRefused, (payload) => told.push(payload))
      const error = await rejection(ToolDeniedError, () => store.audit.append(allowed(planId)))
      assert.deepEqual([error.code, error.tool], ['TOOL_DENIED', 'shell'])
      await rejection(ToolDeniedError, () => store.audit.append(allowed(null, { taskId: task.id })))
      assert.deepEqual(told, [{ rule: 'deniedTools' }, { rule: 'deniedTools' }])
      assert.deepEqual(await tools(store), [])
      const fine = [
        allowed(planId, { subjectId: 'read' }),
        allowed(planId, { verdict: 'deny' }),
        allowed(null),
        allowed(planId, { subjectType: 'command' }),
      ]
      for (const entry of fine) await store.audit.append(entry)
      assert.equal((await tools(store)).length, 3)
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'I6',
    name: 'where rules are recorded the call goes through, with an entry that escalates; the filter of rules finds it',
    async run(harness) {
      const store = await openFresh(harness, { enforce: 'record' })
      const planId = await denying(store)
      const stored = await store.audit.append(allowed(planId))
      assert.equal(stored.verdict, 'allow')
      const [first, second] = await tools(store)
      assert.deepEqual(first, stored)
      assert.deepEqual(
        [second?.verdict, second?.matchedRules, second?.planId, second?.riskLevel],
        ['escalate', ['deniedTools'], planId, 'medium'],
      )
      assert.deepEqual((await store.audit.query({ matchedRule: 'deniedTools' })).items, [second])
      assert.equal(await store.audit.count({ matchedRule: 'deniedTools', planId }), 1)
      assert.equal(await store.audit.count({ matchedRule: 'denied' }), 0)
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'I7',
    name: 'a rule is overridden by its name and with a reason, which the trail has; another name or no reason is refused',
    async run(harness) {
      const store = await openStrict(harness)
      const planId = await denying(store)
      const entry = allowed(planId)
      await rejection(InvalidRecordError, () => store.audit.append(entry, { override: ['deniedTools'] }))
      await rejection(InvalidRecordError, () =>
        store.audit.append(entry, { override: ['everything' as never], reason: 'because' }),
      )
      await rejection(ToolDeniedError, () =>
        store.audit.append(entry, { override: ['gate'], reason: 'because' }),
      )
      assert.deepEqual(await tools(store), [])
      await store.as('ada').audit.append(entry, { override: ['deniedTools'], reason: 'The disk is full' })
      const second = (await tools(store))[1]
      assert.deepEqual(
        [second?.actor, second?.verdict, second?.matchedRules, second?.reason, second?.details],
        ['ada', 'allow', ['deniedTools'], 'The disk is full', { overridden: ['deniedTools'] }],
      )
    },
  },
  {
    id: 'I8',
    name: 'the setting of the database decides at each call, for every store of it, and the configuration comes before it',
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place, { enforce: undefined })
      const planId = await denying(store)
      await rejection(ToolDeniedError, () => store.audit.append(allowed(planId)))
      await store.settings.set('purser/enforce', 'record')
      await store.audit.append(allowed(planId))
      await store.settings.set('purser/enforce', 'refuse')
      await rejection(ToolDeniedError, () => store.audit.append(allowed(planId)))
      await store.transaction(async (tx) => {
        await tx.settings.set('purser/enforce', 'record')
        await tx.audit.append(allowed(planId))
      })
      await store.settings.delete('purser/enforce')
      await rejection(ToolDeniedError, () => store.audit.append(allowed(planId)))
      assert.equal(only(await store.plans.list().then(({ items }) => items)).planId, planId)
      assert.equal((await tools(store)).length, 4)
    },
  },
]
