// Going down with plans: what the ancestor had no place for is named before it would be lost, plans
// made by Purser become what the ancestor would have written, and what was changed in an adopted
// plan stays changed.

import { describe, expect, test } from 'vitest'
import {
  fullPlan,
  newAction,
  newEntry,
  newPlan,
  newProfile,
  takenOver,
} from '../../src/conformance/support/samples.ts'
import { MigrationError, type Store } from '../../src/index.ts'
import { sound, soundness, withDatabase } from '../support/database-content.ts'
import { makeAncestor } from '../support/legacy.ts'
import { planId } from '../support/legacy-rows.ts'
import { migrateFile, withBackend } from '../support/migrated.ts'
import { hashOf, scratchFile } from '../support/scratch.ts'

/** Each way to store in plans and beside them what the ancestor had no place for. */
const planLosses: Readonly<
  Record<string, { fill: (store: Store) => Promise<unknown>; named: readonly string[] }>
> = {
  'a plan made by Purser': {
    fill: (store) => store.plans.create(newPlan()),
    named: ['captured profiles of plans: 1 row', 'audit entries: 1 row'],
  },
  'an adopted plan that moved': {
    fill: async (store) => {
      const plan = await store.plans.get(planId(4))
      return store.plans.update(planId(4), { metadata: { port: 'Riga' } }, { version: plan?.version ?? 0 })
    },
    named: ['details of plans (reversions, steps, checkpoints, cancellations, metadata, versions): 1 row'],
  },
  'an action with actors': {
    fill: (store) => store.actions.create(newAction({ name: 'made-up/new', actors: { review: 'me' } })),
    named: ['details of actions (profile, actors, metadata, versions): 1 row'],
  },
  'a profile of your own': {
    fill: (store) => store.automationProfiles.create(newProfile()),
    named: ['automation profiles of your own: 1 row'],
  },
  'an audit entry': {
    fill: (store) => store.audit.append(newEntry()),
    named: ['audit entries: 1 row'],
  },
}

describe.each(Object.entries(planLosses))('%s', (_, { fill, named }) => {
  test('is named before it would be lost, and nothing is changed', async () => {
    const path = makeAncestor(scratchFile(), { operations: true, plans: true })
    await withBackend(path, async (store) => {
      await store.migrate({ backup: false })
      await fill(store)
    })
    const before = hashOf(path)
    const error = await refusal(path, 1)
    for (const words of named) expect(error.details).toContain(words)
    expect(error.message).not.toContain('Riga')
    expect(hashOf(path)).toBe(before)
    await migrateFile(path, { to: 1, allowDataLoss: true })
    expect(soundness(path)).toEqual(sound)
    await migrateFile(path)
    expect(soundness(path)).toEqual(sound)
  })
})

test('phases and states that the old table refuses are named as lost', async () => {
  const path = makeAncestor(scratchFile(), {
    plans: true,
    afterwards: [
      'PRAGMA ignore_check_constraints = on',
      `UPDATE v3_plans SET phase = 'dreaming' WHERE plan_id = '${planId(3)}'`,
    ],
  })
  await migrateFile(path)
  expect((await refusal(path, 1)).details).toEqual([
    "phases and states that the ancestor's table refuses: 1 row",
  ])
})

test('plans made by Purser go down as the ancestor would have written them, and come up again', async () => {
  const path = makeAncestor(scratchFile(), { plans: true })
  const [root, child] = await withBackend(path, async (store) => {
    await store.migrate({ backup: false })
    const made = await store.plans.create(
      fullPlan({ name: 'local/new', actionName: 'local/label' }),
      takenOver(),
    )
    return [made, await store.plans.create(newPlan({ name: null, parentPlanId: made.planId }))]
  })
  await migrateFile(path, { to: 1, allowDataLoss: true })
  const rows = withDatabase(path, (handle) => ({
    plans: handle
      .prepare('SELECT * FROM v3_plans WHERE plan_id IN (?, ?) ORDER BY parent_plan_id')
      .all(root?.planId, child?.planId) as Record<string, unknown>[],
    projects: handle.prepare('SELECT * FROM plan_projects WHERE plan_id = ?').all(root?.planId),
    arguments: handle
      .prepare('SELECT name, value_json, position FROM plan_arguments WHERE plan_id = ? ORDER BY position')
      .all(root?.planId),
    invariants: handle
      .prepare(
        'SELECT invariant_text, source, position FROM plan_invariants WHERE plan_id = ? ORDER BY position',
      )
      .all(root?.planId),
    action: handle.prepare("SELECT * FROM actions WHERE namespaced_name = 'local/label'").get(),
  }))
  expect(rows.plans).toMatchObject([
    {
      namespaced_name: 'local/new',
      namespace: 'local',
      parent_plan_id: null,
      root_plan_id: root?.planId,
      automation_profile: '{"profile_name": "cautious", "provenance": "plan"}',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}000)?\+00:00$/),
      execution_environment: 'container',
      error_message: 'The disk was full',
    },
    { namespaced_name: `plans/${child?.planId}`, root_plan_id: root?.planId, sandbox_refs_json: null },
  ])
  expect(rows.projects).toHaveLength(2)
  expect(rows.arguments).toEqual([
    { name: 'zeta', value_json: '{"deep":[1,2.5,null,true,"é"]}', position: 0 },
    { name: 'alpha', value_json: '"first"', position: 1 },
  ])
  expect(rows.invariants).toHaveLength(2)
  expect(rows.action).toMatchObject({ namespace: 'local', name: 'label', state: 'available' })
  expect(soundness(path)).toEqual(sound)
  await migrateFile(path)
  await withBackend(path, async (store) => {
    const again = await store.plans.get(root?.planId ?? '')
    expect(again).toEqual({
      ...root,
      effectiveProfile: null,
      metadata: {},
      reversionCount: 0,
      lastCompletedStep: -1,
      lastCheckpointId: null,
      cancelReason: null,
      cancelledAt: null,
    })
    expect(await store.plans.get(child?.planId ?? '')).toMatchObject({
      name: null,
      rootPlanId: root?.planId,
      metadata: { legacyName: `plans/${child?.planId}` },
    })
  })
})

test('what is changed in an adopted plan goes down changed, and the rest as it was', async () => {
  const path = makeAncestor(scratchFile(), { plans: true })
  const id = planId(0)
  const read = () =>
    withDatabase(path, (handle) =>
      handle.prepare('SELECT * FROM v3_plans WHERE plan_id = ?').get(id),
    ) as Record<string, unknown>
  const before = read()
  await withBackend(path, async (store) => {
    await store.migrate({ backup: false })
    await store.plans.update(id, { description: 'Changed', sandboxRefs: ['new'] }, { version: 1 })
  })
  await migrateFile(path, { to: 1, allowDataLoss: true })
  expect(read()).toEqual({
    ...before,
    description: 'Changed',
    sandbox_refs_json: '["new"]',
    updated_at: expect.not.stringMatching(String(before.updated_at)),
  })
})

async function refusal(path: string, to: number): Promise<MigrationError> {
  const error = await migrateFile(path, { to }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(MigrationError)
  return error as MigrationError
}
