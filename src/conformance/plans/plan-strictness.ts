// P20: the strictest of several projects' profiles, and what a plan below another one gets.

import assert from 'node:assert/strict'
import { builtInProfiles, type Plan, type Store } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { newAction, newPlan, newProfile } from '../support/samples.ts'

const profileNamed = (name: string) => {
  const profile = builtInProfiles.get(name)
  assert.ok(profile)
  return profile
}

async function withProjects(store: Store, names: readonly string[]): Promise<Plan> {
  return store.plans.create(newPlan({ projects: names.map((name) => ({ name })) }))
}

export const planStrictnessCases: readonly ConformanceCase[] = [
  {
    id: 'P20',
    name: 'R12: of the profiles of several projects the strictest combination counts, in any order',
    async run(harness) {
      const store = await openAt(harness, harness.newPlace(), {
        projectProfiles: { quick: 'full-auto', slow: 'manual', web: 'review' },
      })
      for (const names of [
        ['quick', 'slow'],
        ['slow', 'quick'],
        ['label', 'quick', 'slow'],
      ]) {
        const plan = await withProjects(store, names)
        assert.deepEqual(plan.automationProfile, { name: 'manual', provenance: 'project' }, names.join())
        assert.deepEqual(plan.effectiveProfile, profileNamed('manual'))
      }
      // The record of a project comes before the configuration.
      await store.projects.create({ name: 'slow', automationProfile: 'supervised' })
      const mixed = await withProjects(store, ['web', 'slow', 'quick'])
      assert.deepEqual(mixed.automationProfile, {
        name: 'full-auto + review + supervised',
        provenance: 'project',
      })
      assert.deepEqual(mixed.effectiveProfile, {
        ...profileNamed('review'),
        ...{ name: 'full-auto + review + supervised', description: 'The strictest of several' },
        ...{ createTool: 1, modifyConfig: 0 },
      })
      assert.deepEqual(await store.plans.get(mixed.planId), mixed)
    },
  },
  {
    id: 'P20b',
    name: 'of guards the least limit counts, and every denied tool; of flags the safe one',
    async run(harness) {
      const store = await openFresh(harness)
      await store.automationProfiles.create(newProfile())
      const other = newProfile({
        name: 'local/other',
        requireSandbox: true,
        allowUnsafeTools: false,
        guards: { maxCostUsd: 20, maxTokens: 10, deniedTools: ['shell', 'mail'] },
      })
      await store.automationProfiles.create(other)
      await store.projects.create({ name: 'a', automationProfile: 'local/careful' })
      await store.projects.create({ name: 'b', automationProfile: 'local/other' })
      const { effectiveProfile } = await withProjects(store, ['b', 'a'])
      assert.ok(effectiveProfile)
      assert.deepEqual(effectiveProfile.guards, {
        ...{ maxCostUsd: 12.5, maxTokens: 10, maxToolCalls: 7 },
        deniedTools: ['shell', 'mail', 'browser'],
      })
      const { requireSandbox, requireCheckpoints, allowUnsafeTools } = effectiveProfile
      assert.deepEqual([requireSandbox, requireCheckpoints, allowUnsafeTools], [true, false, false])
    },
  },
  {
    id: 'P20c',
    name: 'R11: a plan below another one that names no profile has that one’s, at any depth',
    async run(harness) {
      const store = await openAt(harness, harness.newPlace(), { automationProfile: 'ci' })
      for (const name of builtInProfiles.keys()) {
        let above = await store.plans.create(newPlan({ automationProfile: name }))
        for (let depth = 0; depth < 3; depth += 1) {
          const child = await store.plans.create(newPlan({ parentPlanId: above.planId }))
          assert.deepEqual(
            [child.automationProfile, child.effectiveProfile],
            [above.automationProfile, profileNamed(name)],
          )
          above = child
        }
        const [one] = await store.plans.createMany([newPlan({ parentPlanId: above.planId })])
        assert.deepEqual(one?.effectiveProfile, profileNamed(name))
      }
    },
  },
  {
    id: 'P20d',
    name: 'what an action or a project names counts below another plan only where it is stricter',
    async run(harness) {
      const store = await openFresh(harness)
      await store.actions.create(newAction({ name: 'local/loose', automationProfile: 'full-auto' }))
      await store.actions.create(newAction({ name: 'local/strict', automationProfile: 'manual' }))
      await store.projects.create({ name: 'loose', automationProfile: 'ci' })
      await store.projects.create({ name: 'strict', automationProfile: 'manual' })
      const { planId: parentPlanId } = await store.plans.create(newPlan({ automationProfile: 'trusted' }))
      const names = async (input: object) =>
        (await store.plans.create(newPlan({ parentPlanId, ...input }))).automationProfile
      const inherited = { name: 'trusted', provenance: 'plan' }
      assert.deepEqual(await names({ actionName: 'local/loose' }), inherited)
      assert.deepEqual(await names({ projects: [{ name: 'loose' }] }), inherited)
      assert.deepEqual(await names({ actionName: 'local/strict' }), { name: 'manual', provenance: 'action' })
      const both = { projects: [{ name: 'loose' }, { name: 'strict' }] }
      assert.deepEqual(await names(both), { name: 'manual', provenance: 'project' })
    },
  },
]
