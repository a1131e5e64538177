// P11: which automation profile a plan gets, from which level, and that it keeps it. The profiles
// themselves are in automation-profiles.ts.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import { builtInProfiles, type NewPlan, type ProfileProvenance, type Store } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { only, rejection } from '../support/expect.ts'
import { newAction, newPlan, newProfile } from '../support/samples.ts'

/** A profile at the store's own level, and others at every level above it. */
const configured = {
  automationProfile: 'ci',
  projectProfiles: { web: 'trusted', api: 'local/careful', broken: 'nowhere' },
} as const

async function assertProfile(
  store: Store,
  input: NewPlan,
  expected: readonly [name: string, provenance: ProfileProvenance],
  projectProfile?: string,
): Promise<void> {
  const plan = await store.plans.create(input, { projectProfile })
  const [name, provenance] = expected
  assert.deepEqual(plan.automationProfile, { name, provenance })
  const known = await store.automationProfiles.get(name)
  assert.ok(known?.profile)
  assert.deepEqual(plan.effectiveProfile, known.profile)
  assert.deepEqual(await store.plans.get(plan.planId), plan)
}

export const planProfileCases: readonly ConformanceCase[] = [
  {
    id: 'P11',
    name: 'plan before action before project before the plan above before the setting before the default',
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place, configured)
      await store.automationProfiles.create(newProfile())
      await store.actions.create(newAction({ name: 'local/with', automationProfile: 'trusted' }))
      await store.actions.create(newAction({ name: 'local/without' }))
      // Below the loosest profile every other one is stricter, and counts as it would for a root.
      const top = await store.plans.create(newPlan({ automationProfile: 'full-auto' }))
      for (const place of [{}, { parentPlanId: top.planId }]) {
        const isRoot = place.parentPlanId === undefined
        const all = {
          automationProfile: 'review',
          actionName: 'local/with',
          projects: [{ name: 'web' }],
        } satisfies Partial<NewPlan>
        await assertProfile(store, newPlan({ ...place, ...all }), ['review', 'plan'], 'auto')
        const { automationProfile: _, ...withoutOwn } = all
        const withAction = newPlan({ ...place, ...withoutOwn })
        await assertProfile(store, withAction, ['trusted', 'action'], 'auto')
        const { projects } = all
        for (const actionName of ['local/without', 'no action']) {
          const below = { ...place, actionName }
          await assertProfile(store, newPlan({ ...below, projects }), ['auto', 'project'], 'auto')
          await assertProfile(store, newPlan({ ...below, projects }), ['trusted', 'project'])
          const several = [{ name: 'unknown' }, { name: 'api' }]
          await assertProfile(store, newPlan({ ...below, projects: several }), ['local/careful', 'project'])
          const last = isRoot ? (['ci', 'global'] as const) : (['full-auto', 'plan'] as const)
          for (const name of ['Web', 'toString']) {
            await assertProfile(store, newPlan({ ...below, projects: [{ name }] }), last)
          }
          await assertProfile(store, newPlan(below), last)
        }
      }
    },
  },
  {
    id: 'P11b',
    name: 'without any setting it is balanced, at the level global; every built-in profile can be named',
    async run(harness) {
      const store = await openFresh(harness)
      await assertProfile(store, newPlan(), ['balanced', 'global'])
      await assertProfile(store, newPlan({ automationProfile: undefined }), ['balanced', 'global'])
      assert.equal(builtInProfiles.size, 9)
      for (const name of builtInProfiles.keys()) {
        await assertProfile(store, newPlan({ automationProfile: name }), [name, 'plan'])
      }
    },
  },
  {
    id: 'P11c',
    name: 'a blank or unknown name is refused at each level, and what is known is listed',
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place, configured)
      await store.automationProfiles.create(newProfile())
      const wrong = ['', ' ', 'Balanced', 'balanced ', 'local/Careful', 'nowhere/to-be-found', 'toString']
      const before = await store.audit.head()
      for (const name of wrong) {
        const calls = [
          () => store.plans.create(newPlan({ automationProfile: name })),
          () => store.plans.create(newPlan(), { projectProfile: name }),
          () => store.plans.createMany([newPlan(), newPlan({ automationProfile: name })]),
          () => store.actions.create(newAction({ automationProfile: name })),
        ]
        for (const call of calls) {
          const error = await rejection(InvalidRecordError, call, `${JSON.stringify(name)} ${String(call)}`)
          if (name.trim() === '') continue
          for (const known of [...builtInProfiles.keys(), 'local/careful']) {
            assert.ok(error.message.includes(known), `${known} is not in: ${error.message}`)
          }
          assert.ok(!error.message.includes('nowhere'))
        }
      }
      const broken = newPlan({ projects: [{ name: 'broken' }] })
      assert.equal(
        only((await rejection(InvalidRecordError, () => store.plans.create(broken))).issues).code,
        'unknown_profile',
      )
      // The first level that names one decides, whatever the levels below it name.
      await assertProfile(store, { ...broken, automationProfile: 'manual' }, ['manual', 'plan'])
      assert.equal(await store.plans.count(), 1)
      assert.equal(await store.actions.count(), 0)
      assert.equal((await store.audit.head())?.sequence, (before?.sequence ?? 0) + 1)
    },
  },
  {
    id: 'P11d',
    name: 'a configured profile that is not there refuses plans which come to it, and no others',
    async run(harness) {
      const store = await openFresh(harness, { automationProfile: 'local/later' })
      await rejection(InvalidRecordError, () => store.plans.create(newPlan()))
      await assertProfile(store, newPlan({ automationProfile: 'auto' }), ['auto', 'plan'])
      await store.automationProfiles.create(newProfile({ name: 'local/later' }))
      await assertProfile(store, newPlan(), ['local/later', 'global'])
    },
  },
  {
    id: 'P11e',
    name: 'editing or deleting a profile changes no plan that has it; new ones get the new form, or are refused',
    async run(harness) {
      const store = await openFresh(harness)
      const first = await store.automationProfiles.create(newProfile())
      const root = await store.plans.create(newPlan({ automationProfile: 'local/careful' }))
      const child = await store.plans.create(
        newPlan({ parentPlanId: root.planId, automationProfile: 'local/careful' }),
      )
      assert.deepEqual(root.effectiveProfile, first.profile)
      const second = await store.automationProfiles.update(
        'local/careful',
        { editCode: 1, guards: { maxTokens: 5 } },
        { version: 1 },
      )
      const later = await store.plans.create(newPlan({ automationProfile: 'local/careful' }))
      assert.deepEqual(later.effectiveProfile, second.profile)
      assert.equal(later.effectiveProfile?.editCode, 1)
      for (const plan of [root, child]) assert.deepEqual(await store.plans.get(plan.planId), plan)
      assert.equal(await store.automationProfiles.delete('local/careful'), true)
      for (const plan of [root, child, later]) assert.deepEqual(await store.plans.get(plan.planId), plan)
      await rejection(InvalidRecordError, () =>
        store.plans.create(newPlan({ automationProfile: 'local/careful' })),
      )
      const moved = await store.plans.use(root.planId, root)
      assert.deepEqual(moved.effectiveProfile, first.profile)
      const again = await store.automationProfiles.create(newProfile({ editCode: 0.9 }))
      assert.equal(again.version, 1)
      assert.deepEqual((await store.plans.get(child.planId))?.effectiveProfile, first.profile)
    },
  },
  {
    id: 'P11f',
    name: 'no update takes a profile, a snapshot, or anything else that is fixed',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await store.plans.create(newPlan())
      const fixed = [
        'planId',
        'parentPlanId',
        'rootPlanId',
        'actionName',
        'phase',
        'state',
        'attempt',
        'automationProfile',
        'effectiveProfile',
        'error',
        'reversionCount',
        'cancelReason',
        'createdAt',
        'updatedAt',
        'appliedAt',
        'version',
      ] as const
      for (const field of fixed) {
        const patch = { [field]: plan[field], description: 'Another' }
        const error = await rejection(
          InvalidRecordError,
          () => store.plans.update(plan.planId, patch, plan),
          field,
        )
        assert.deepEqual(only(error.issues).path, [field])
      }
      assert.deepEqual(await store.plans.get(plan.planId), plan)
    },
  },
  {
    id: 'P11g',
    name: 'a profile made in a transaction can be named in it, and is gone with it',
    async run(harness) {
      const store = await openFresh(harness)
      const failing = store.transaction(async (tx) => {
        await tx.automationProfiles.create(newProfile())
        const plan = await tx.plans.create(newPlan({ automationProfile: 'local/careful' }))
        assert.equal(plan.automationProfile.name, 'local/careful')
        await tx.automationProfiles.delete('local/careful')
        assert.deepEqual(await tx.plans.get(plan.planId), plan)
        throw new RangeError('on purpose')
      })
      await assert.rejects(failing, RangeError)
      assert.equal(await store.automationProfiles.get('local/careful'), null)
      assert.equal(await store.plans.count(), 0)
      assert.equal(await store.audit.head(), null)
    },
  },
]
