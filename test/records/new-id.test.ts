// Ids that are needed before their records are stored.

import { expect, test } from 'vitest'
import { newId, openStore } from '../../src/index.ts'

test('U8: a tree is stored by one call with ids that newId makes, each greater than the one before', async () => {
  const store = await openStore('sqlite::memory:')
  try {
    const ids = Array.from({ length: 3 }, () => newId())
    expect(ids).toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(3)
    const [root = '', middle = '', leaf = ''] = ids
    await store.plans.createMany([
      { planId: root, name: 'local/release', actionName: 'local/build', description: 'Ship it' },
      { planId: middle, parentPlanId: root, actionName: 'local/test', description: 'Test it' },
      { planId: leaf, parentPlanId: middle, actionName: 'local/unit', description: 'Test its parts' },
    ])
    expect((await store.plans.get(leaf))?.rootPlanId).toBe(root)
    expect((await store.plans.ancestors(leaf)).map(({ planId }) => planId).toSorted()).toEqual([root, middle])
  } finally {
    await store.close()
  }
})
