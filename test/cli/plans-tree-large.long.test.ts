// `purser plans tree` of a chain of 100,000 plans.

import { expect, test } from 'vitest'
import { chainedId as id, makeChain } from '../support/cli/plan-chain.ts'
import { workspace } from '../support/cli/purser.ts'

interface Node {
  readonly planId: string
  readonly description: string
  readonly children: readonly Node[]
}
interface TreeData {
  readonly root: Node
  readonly summary: { readonly nodes: number; readonly depth: number }
}

test('a chain of 100,000 plans is drawn, told as JSON, and cancelled', { timeout: 300_000 }, async () => {
  const { done, path, purser } = workspace()
  await done([
    ...['plans', 'create', '--id', id(0), '--name', 'long/chain', '--action', 'x'],
    ...['--description', 'level 1', '--quiet'],
  ])
  makeChain(path('purser.db'), 99_999)
  const drawn = await done(['plans', 'tree', 'long/chain'], { env: { COLUMNS: '100' } })
  const lines = drawn.stdout.split('\n')
  expect(lines[0]).toMatch(/^○ long\/chain +action\/queued +01ARZ3NDEKTSV4RRFFQ0000000$/)
  expect(lines[29]).toMatch(/^30… +└─ ○ level 30 +action\/queued +01ARZ3NDEKTSV4RRFFQ0000029$/)
  expect(lines[30]).toMatch(/^31… +└─ … 99,970 more below$/)
  expect(drawn.stdout).toContain('100,000 plans, 100,000 levels: 100,000 queued')

  const { data } = (await done(['plans', 'tree', 'long/chain', '--json'])).json<TreeData>()
  expect(data.summary).toMatchObject({ nodes: 100_000, depth: 100_000 })
  let [node, levels] = [data.root, 1]
  for (let child = node.children[0]; child; child = node.children[0]) [node, levels] = [child, levels + 1]
  expect([levels, node.planId, node.description]).toEqual([100_000, id(99_999), 'level 100000'])

  const leaf = await done(['plans', 'show', id(99_999)])
  expect(leaf.stdout).toMatch(/Part of +long\/chain \(\w+\) › … 99,994 more … › level 99996 \(\w+\) › /)
  const unasked = await purser(['plans', 'cancel', 'long/chain', '--tree'])
  expect(unasked.stderr).toMatch(/^purser: 100,000 plans would be cancelled for good/)
})
