// `purser plans tree`: the drawing, what --depth and --state leave of it, its JSON; 1,000 plans. A
// chain of 100,000 is in plans-tree-large.long.test.ts.

import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { branchesOf, nest, walk } from '../../src/cli/commands/plans/tree-data.ts'
import { jsonText } from '../../src/cli/run/json-text.ts'
import { formatMoney, type NewPlan, openStore } from '../../src/index.ts'
import { chainedId as id, makeChain } from '../support/cli/plan-chain.ts'
import { workspace } from '../support/cli/purser.ts'

interface Node {
  readonly planId: string
  readonly description: string
  readonly cost: string | null
  readonly costs: readonly { readonly currency: string; readonly cost: string }[]
  readonly matches: boolean
  readonly left: number
  readonly children: readonly Node[]
}
interface TreeData {
  readonly root: Node
  readonly summary: { readonly nodes: number; readonly depth: number; readonly matching: number }
}

const demoId = (number: number) => `01K0TDE000000000000000000${number}`

describe('the drawing', () => {
  test('has branch lines, states, attempts, costs of subtrees, whole ids, and a summary', async () => {
    const { done } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    expect((await done(['plans', 'tree', 'demo/tide-service'])).stdout).toBe(
      `
◑ demo/tide-service          execute/processing          0.9061190 USD  ${demoId(1)}
├─ ◑ Know the tides          execute/processing          0.8411065 USD  ${demoId(2)}
│  ├─ ● Choose a source      apply/applied               0.1738710 USD  ${demoId(3)}
│  ├─ ◑ Compute predictions  execute/processing   try 2  0.6672355 USD  ${demoId(4)}
│  └─ ◕ Cache predictions    strategize/complete                        ${demoId(5)}
└─ ◑ Show the tides          execute/processing          0.0650125 USD  ${demoId(6)}
   ├─ ◑ The harbour page     apply/processing            0.0650125 USD  ${demoId(7)}
   ├─ ⊘ Tides of lakes       action/cancelled                           ${demoId(8)}
   └─ ○ Terms of use         action/queued                              ${demoId(9)}

9 plans, 3 levels: 1 queued, 5 processing, 1 complete, 1 cancelled, 1 applied; cost 0.906119 USD
`.trimStart(),
    )
    const narrow = await done(['plans', 'tree', 'demo/tide-service'], { env: { COLUMNS: '80' } })
    for (const line of narrow.stdout.split('\n\n')[0]?.split('\n') ?? []) {
      expect(line.length).toBeLessThanOrEqual(80)
      expect(line).toMatch(/ 01K0TDE\d{19}$/)
    }
    const coloured = await done(['plans', 'tree', demoId(6)], { env: { FORCE_COLOR: '1' } })
    expect(coloured.stdout).toContain('\u001b[36m◑\u001b[39m The harbour page')
    expect(coloured.stdout).toContain('\u001b[2m⊘\u001b[22m Tides of lakes')

    const cut = (await done(['plans', 'tree', 'demo/tide-service', '--depth', '2'])).stdout
    expect(cut).toContain('│  └─ … 3 more below\n')
    expect(cut).toContain('   └─ … 3 more below\n')
    expect(cut).not.toContain('Choose a source')
    expect(cut).toMatch(new RegExp(`What stands below one of them:\n {2}purser plans tree ${demoId(2)}\n$`))

    const ended = (await done(['plans', 'tree', 'demo/tide-service', '--state', 'applied,cancelled'])).stdout
    expect(ended.split('\n\n')[0]?.match(/\d$/gm)?.join('')).toBe('12368')
    expect(ended).toContain('2 plans in that state, with the path to each. The whole tree: 9 plans, 3 levels')
    const none = (await done(['plans', 'tree', demoId(2), '--state', 'errored'])).stdout
    expect(none).toContain('No plan is in that state. The whole tree: 4 plans, 2 levels')
  })

  test('is safe to print, and adds no currencies up', async () => {
    const { done, path } = workspace()
    {
      await using store = await openStore(`sqlite:${path('purser.db')}`)
      await store.plans.createMany([
        { planId: id(0), name: 'a/b', actionName: 'x', description: 'top' },
        {
          planId: id(1),
          parentPlanId: id(0),
          actionName: 'x',
          description: '\u001b[31mred\u0007\nsecond line',
        },
      ])
      const call = { agentId: 'a', provider: 'p', model: 'm', inputTokens: 1, outputTokens: 1, planId: id(1) }
      await store.costRecords.append({ ...call, cost: '0.25', currency: 'EUR' })
      await store.costRecords.append({ ...call, cost: '0.5', planId: id(0) })
    }
    const { stdout } = await done(['plans', 'tree', 'a/b'])
    expect(stdout).toContain('└─ ○ \u{fffd}[31mred\u{fffd}  action/queued')
    expect(stdout).not.toContain('second line')
    expect(stdout).toContain('0.25 EUR + 0.5 USD')
    const { data } = (await done(['plans', 'tree', 'a/b', '--json'])).json<TreeData>()
    expect(data.root).toMatchObject({
      cost: null,
      costs: [
        { currency: 'EUR', cost: '0.25' },
        { currency: 'USD', cost: '0.5' },
      ],
      children: [{ cost: '0.25', description: '\u001b[31mred\u0007\nsecond line' }],
    })
  })

  test('leaves out plans that cannot be read, with a warning', async () => {
    const { done, path } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const handle = new Database(path('purser.db'))
    handle.exec(`UPDATE plans SET created_at = 'long ago' WHERE plan_id = '${demoId(2)}'`)
    handle.close()
    const { stdout, stderr } = await done(['plans', 'tree', 'demo/tide-service'])
    expect(stderr).toMatch(
      new RegExp(`^warn: plans "${demoId(2)}" is not shown: its created_at cannot be read`),
    )
    expect(stdout).toContain('├─ ● Choose a source')
    expect(stdout).toContain('8 plans, 3 levels')
    // What it cost is the tree's all the same.
    expect(stdout).toContain('cost 0.906119 USD')
  })
})

describe('the JSON', () => {
  test('is the tree, nested, with what each subtree cost', async () => {
    const { done } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const { data } = (await done(['plans', 'tree', 'demo/tide-service', '--json'])).json<TreeData>()
    expect(data.summary).toMatchObject({ nodes: 9, depth: 3, matching: 9, byState: { processing: 5 } })
    expect(data.root).toMatchObject({
      planId: demoId(1),
      name: 'demo/tide-service',
      cost: '0.906119',
      left: 0,
    })
    const [tides, page] = data.root.children
    expect(tides?.children.map(({ planId, cost }) => [planId, cost])).toEqual([
      [demoId(3), '0.173871'],
      [demoId(4), '0.6672355'],
      [demoId(5), '0'],
    ])
    expect(page?.children).toHaveLength(3)
    const flat = (
      await done(['plans', 'tree', demoId(1), '--json', '--depth', '2', '--state', 'cancelled'])
    ).json<TreeData>()
    expect(flat.data.root).toMatchObject({
      matches: false,
      children: [{ planId: demoId(6), matches: false, left: 1, children: [] }],
    })
  })

  test('is what JSON.stringify would write, as deep as that lays it out', () => {
    const values = [
      null,
      'a"b',
      [],
      {},
      [[], {}, [1, [2]]],
      { a: undefined, b: [undefined, null], c: new Date(0), d: { e: { f: 1.5, 'g h': true } } },
      { long: 'x'.repeat(200_000), list: Array.from({ length: 5000 }, (_, index) => ({ index })) },
    ]
    for (const value of values) expect([...jsonText(value)].join('')).toBe(JSON.stringify(value, null, 2))
    let deep: unknown = 1
    for (let level = 0; level < 150; level += 1) deep = level % 2 ? [deep, {}] : { deep, x: [] }
    expect(JSON.parse([...jsonText(deep)].join(''))).toEqual(deep)
  })
})

describe('large trees', () => {
  test('a thousand plans are drawn, each on its line', async () => {
    const { done, path } = workspace()
    {
      await using store = await openStore(`sqlite:${path('purser.db')}`)
      const inputs: NewPlan[] = [{ planId: id(0), name: 'big/tree', actionName: 'x', description: 'top' }]
      for (let number = 1; number < 1000; number += 1) {
        const parentPlanId = id(Math.floor((number - 1) / 10))
        inputs.push({ planId: id(number), parentPlanId, actionName: 'x', description: `Plan ${number}` })
      }
      await store.plans.createMany(inputs)
      await store.plans.use(id(777), { version: 1, override: ['preflight'], reason: 'a test' })
      await store.costRecords.append({
        ...{ agentId: 'a', provider: 'p', model: 'm', inputTokens: 1, outputTokens: 1 },
        ...{ cost: '0.000000001', planId: id(777) },
      })
    }
    const [whole, top, found] = await Promise.all([
      done(['plans', 'tree', 'big/tree'], { env: { COLUMNS: '100' } }),
      done(['plans', 'tree', 'big/tree', '--depth', '2'], { env: { COLUMNS: '100' } }),
      done(['plans', 'tree', 'big/tree', '--json']),
    ])
    const lines = whole.stdout.split('\n\n')[0]?.split('\n') ?? []
    expect(lines).toHaveLength(1000)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100)
    expect(new Set(lines.map((line) => line.slice(-26))).size).toBe(1000)
    expect(whole.stdout).toContain('1,000 plans, 4 levels: 1,000 queued; cost 0.000000001 USD')
    expect(top.stdout.match(/… \d+ more below/g)).toHaveLength(10)
    expect(found.json<TreeData>().data.root.cost).toBe('0.000000001')
  })

  test('are added up, pruned and nested without recursion', async () => {
    const { done, path } = workspace()
    await done([
      'plans',
      'create',
      '--id',
      id(0),
      '--name',
      'a/b',
      '--action',
      'x',
      '--description',
      'y',
      '-q',
    ])
    makeChain(path('purser.db'), 20_000)
    await using store = await openStore(`sqlite:${path('purser.db')}`)
    await store.plans.use(id(20_000), {
      version: 1,
      override: ['preflight'],
      reason: 'only its version matters',
    })
    const cancelled = await store.plans.cancel(id(20_000), null, { version: 2 })
    const tree = await store.plans.tree(id(0))
    if (tree === null) throw new Error('no tree')
    const costs = [{ plan: cancelled.planId, cost: '9223372036.854775807', currency: 'USD' }]
    const rows = [...costs, ...costs].map((row) => ({ ...row, ...zeroes }))
    const top = branchesOf(tree, rows, new Set(['cancelled'] as const), formatMoney)
    expect(top.costs).toEqual([{ currency: 'USD', cost: '18446744073.709551614', unpriced: 2 }])
    expect([...walk(top)]).toHaveLength(20_001)
    expect(nest(top, 3)).toMatchObject({ children: [{ children: [{ left: 19_998, children: [] }] }] })
    expect(branchesOf(tree, [], new Set(['applied'] as const), formatMoney).children).toEqual([])
  })
})

const zeroes = {
  ...{ inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, unpriced: 1, records: 1 },
} as const
