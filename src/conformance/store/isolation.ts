// L14: locations and tenants share nothing, and a tenant's name cannot lead anywhere else.

import assert from 'node:assert/strict'
import { PersistenceConnectionError } from '../../errors.ts'
import { type ConformanceCase, feature, openFresh } from '../support/case.ts'
import { rejection } from '../support/expect.ts'
import { newAction, newCost, newMessage, newPlan, newProfile, newTask, ulid } from '../support/samples.ts'

export const isolationCases: readonly ConformanceCase[] = [
  {
    id: 'L14',
    name: 'two places are isolated from each other',
    async run(harness) {
      const [one, other] = [await openFresh(harness), await openFresh(harness)]
      await one.tasks.create(newTask({ id: 'a' }))
      await one.costRecords.append(newCost({ idempotencyKey: 'k' }))
      await one.messages.append(newMessage({ id: 'm' }))
      await one.automationProfiles.create(newProfile())
      await one.actions.create(newAction())
      await one.plans.create(newPlan({ name: 'local/same', automationProfile: 'local/careful' }))
      assert.equal(await other.tasks.get('a'), null)
      assert.equal(await other.costRecords.count(), 0)
      assert.equal((await other.costRecords.aggregate())[0]?.records, 0)
      assert.deepEqual((await other.messages.history('parser')).items, [])
      assert.deepEqual((await other.messages.search('parser')).items, [])
      assert.equal(await other.automationProfiles.get('local/careful'), null)
      assert.deepEqual([await other.actions.count(), await other.plans.count()], [0, 0])
      assert.equal(await other.audit.head(), null)
      await other.plans.create(newPlan({ name: 'local/same' }))
      assert.deepEqual((await other.audit.head())?.sequence, 1)
      assert.deepEqual((await one.audit.head())?.sequence, 4)
      await other.tasks.create(newTask({ id: 'a', title: 'Other' }))
      assert.equal((await one.tasks.get('a'))?.title, 'Write the parser')
    },
  },
  {
    id: 'L14b',
    name: 'two tenants are isolated from each other and from the store without a tenant',
    needs: ['tenants'],
    async run(harness) {
      const tenants = feature(harness, 'tenants')
      const place = harness.newPlace()
      const stores = [
        place.create(),
        tenants.create(place, 'acme'),
        tenants.create(place, 'acme_2'),
        tenants.create(place, 'a'),
      ]
      for (const [index, store] of stores.entries()) {
        harness.closeAfterwards(store)
        await store.connect()
        await store.migrate()
        assert.equal(await store.tasks.count(), 0)
        await store.tasks.create(newTask({ id: 'same', title: `of ${index}` }))
        await store.costRecords.append(newCost({ idempotencyKey: 'same', cost: `0.00${index + 1}` }))
        await store.messages.append(newMessage({ id: 'same', content: `word${index}` }))
        await store.automationProfiles.create(newProfile({ editCode: index / 10 }))
        await store.actions.create(newAction({ description: `of ${index}` }))
        await store.plans.create({ name: 'local/same', actionName: 'local/build', planId: ulid(1) })
      }
      for (const [index, store] of stores.entries()) {
        assert.deepEqual(
          [(await store.tasks.get('same'))?.title, await store.tasks.count()],
          [`of ${index}`, 1],
        )
        assert.equal((await store.costRecords.aggregate())[0]?.cost, `0.00${index + 1}`)
        assert.equal((await store.messages.history('parser')).items.length, 1)
        assert.equal((await store.messages.search(`word${(index + 1) % 4}`)).items.length, 0)
        assert.equal(await store.tasks.delete('same'), true)
        const profile = await store.automationProfiles.get('local/careful')
        assert.equal(profile?.profile?.editCode, index / 10)
        assert.equal((await store.plans.get(ulid(1)))?.description, `of ${index}`)
        assert.deepEqual(
          (await store.audit.query()).items.map((entry) => entry.action),
          ['task:delete', 'plan:create', 'action:create', 'profile:create', 'task:create'],
        )
      }
    },
  },
  {
    id: 'L14c',
    name: 'a tenant’s name that is no name is refused, whatever it would lead to',
    needs: ['tenants'],
    async run(harness) {
      const tenants = feature(harness, 'tenants')
      const place = harness.newPlace()
      const names = [
        '',
        'A',
        '1a',
        '_a',
        'a.b',
        'a/b',
        '../a',
        'a b',
        'a%',
        'a"',
        "a'",
        'a;b',
        'á',
        'a\0',
        'a-b',
        'a'.repeat(32),
      ]
      for (const name of names) {
        await rejection(PersistenceConnectionError, () => tenants.create(place, name), JSON.stringify(name))
      }
    },
  },
]
