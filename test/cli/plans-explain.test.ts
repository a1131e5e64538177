// `purser plans explain`: what a plan waits for at each place of its way, and that the commands it
// names go on.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

interface Explained {
  readonly waitsFor: string
  readonly why: readonly string[]
  readonly next: readonly { readonly words: readonly string[] }[]
}

async function planned(automationProfile: string) {
  const place = workspace()
  await place.done(['migrate', '--quiet'])
  const store = await openStore(`sqlite:${join(place.folder, 'purser.db')}`)
  const actors = { strategy: 'ada', execution: 'bo' }
  await store.actions.create({ name: 'local/build', description: 'Build it', actors })
  const about = { actionName: 'local/build', description: 'Build it', automationProfile }
  const { planId } = await store.plans.create({ name: 'local/one', ...about })
  const explain = async (plan: string = planId) =>
    (await place.done(['plans', 'explain', plan, '--json'])).json<Explained>().data
  /** Runs a command that the explanation names. */
  const follow = async (index: number, ...more: string[]) => {
    const words = (await explain()).next[index]?.words ?? []
    return place.purser([...words.map((word) => word.replace('NAME', 'ada')), ...more])
  }
  return { ...place, store, planId, about, explain, follow }
}

test('a plan that goes alone is led through all its phases by the commands that are named', async () => {
  const { store, planId, explain, follow } = await planned('full-auto')
  await using _ = store
  const seen: string[] = []
  for (let turn = 0; turn < 12; turn += 1) {
    const { waitsFor } = await explain()
    seen.push(waitsFor)
    if (waitsFor === 'nothing') break
    expect((await follow(0)).code).toBe(0)
  }
  const phase = ['move', 'worker']
  expect(seen).toEqual(['move', ...phase, 'move', ...phase, 'move', ...phase, 'nothing'])
  expect(await store.plans.get(planId)).toMatchObject({ state: 'applied' })
})

test('a step that is a human’s names the approval once it was asked for', async () => {
  const { store, explain, follow, done, planId } = await planned('manual')
  await using _ = store
  expect(await explain()).toMatchObject({ waitsFor: 'human' })
  expect((await follow(0)).code).toBe(3)
  const { waitsFor, why } = await explain()
  expect([waitsFor, why.at(-1)]).toEqual(['approval', expect.stringMatching(/is not decided/)])
  expect((await follow(1, '--actor', 'human:ada')).code).toBe(0)
  expect((await done(['plans', 'proceed', planId, 'decomposeTask'])).stdout).toContain('strategize')
  expect((await follow(1)).code).toBe(0)
  expect(await explain()).toMatchObject({ waitsFor: 'worker' })
})

test('says what has to be put right, which plans are below, and what came of it', async () => {
  const { store, explain, about, done } = await planned('full-auto')
  await using _ = store
  const label = await store.plans.create({ ...about, name: 'local/label', actionName: 'none' })
  const { waitsFor, why } = await explain(label.planId)
  expect([waitsFor, why[1]]).toEqual(['findings', expect.stringContaining('there is no action "none"')])
  await store.plans.cancel(label.planId, 'Not now', label)
  expect(await explain(label.planId)).toMatchObject({ waitsFor: 'nothing', next: [] })
  const at = { asOf: new Date() }
  const parent = await store.plans.create(
    { ...about, name: 'local/top', phase: 'apply', state: 'processing' },
    at,
  )
  await store.plans.create({ ...about, parentPlanId: parent.planId })
  expect(await explain(parent.planId)).toMatchObject({ waitsFor: 'plans below' })
  expect((await done(['plans', 'explain', parent.planId])).stdout).toMatch(
    /local\/top .*apply\/processing\n\nIt cannot be applied yet: 1 plan directly below it is still live/,
  )
})
