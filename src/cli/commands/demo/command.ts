// `purser demo`: records a small fictional organisation at work and shows what the database now
// knows about it.

import type { Store } from '../../../index.ts'
import { toggle, whole } from '../../flags/flags.ts'
import { defineCommand } from '../../run/command.ts'
import { maskPasswords } from '../../screen/text.ts'
import { branchesOf, treeSummary } from '../plans/tree-data.ts'
import { serveStore } from '../serve/command.ts'
import { claimed } from './claims.ts'
import { budget, findApproval } from './limits.ts'
import { gatekeeper, planId } from './plans.ts'
import { tell } from './print-demo.ts'
import { recordDemo } from './record.ts'
import { channels, searched, tasks } from './story.ts'

export const DEMO_URL = 'sqlite:./purser-demo.db'

/** Visitors may have recorded costs in other currencies; the story's are in this one. */
const dollars = { currency: 'USD' } as const

export const demo = defineCommand({
  name: 'demo',
  summary: 'make ./purser-demo.db with a small made-up organisation at work, and show it',
  description:
    'Make ./purser-demo.db (or use the database of --url or PURSER_URL), record a small made-up organisation at work, and show what can be asked of it. Run again, it writes nothing twice.',
  flags: {
    serve: toggle('then serve it, with a page to look at, until interrupted'),
    port: whole('n', 'serve at this port; 0 for any that is free (default: 7333)', { min: 0 }),
  },
  examples: [
    ['in this folder', 'demo'],
    ['and in a browser', 'demo --serve'],
    ['elsewhere', 'demo --url sqlite:/tmp/demo.db'],
  ],
  run: (call) => {
    // The suggested commands find what the environment names, too.
    const named = call.global.url ?? (process.env.PURSER_URL ? undefined : DEMO_URL)
    const url = named ?? process.env.PURSER_URL ?? DEMO_URL
    return call.withStore(
      'create',
      async (store) => {
        const recorded = await recordDemo(store)
        const tree = await planTree(store)
        const ids = [...tasks.map(({ input }) => input.id), ...claimed.map(({ id }) => id)]
        const [found, byAgent, byModel, total, said, hits, decided, audit] = await Promise.all([
          store.tasks.getMany(ids),
          store.costRecords.aggregate(dollars, { by: ['agent'] }),
          store.costRecords.aggregate(dollars, { by: ['model'] }),
          store.costRecords.aggregate(dollars),
          store.messages.history(channels[0], { limit: 3 }),
          store.messages.search(searched),
          store.audit.query({ actor: gatekeeper }, { limit: 3 }),
          store.audit.verify(),
        ])
        const board = ids.flatMap((id) => found.get(id) ?? [])
        const acts = await readActs(store)
        const story = {
          url: named,
          location: store.location,
          recorded,
          tree,
          board,
          ...acts,
          costs: { byAgent, byModel, total },
          said: said.items,
          hits: hits.items,
          decided: decided.items,
          audit,
        }
        if (call.flags.serve) {
          if (!call.global.json) process.stdout.write(`${tell(call.screen, story)}\n\n`)
          await serveStore(call, store, { host: undefined, port: call.flags.port })
          return { data: null, isPrinted: true, show: () => '' }
        }
        return {
          data: {
            url: maskPasswords(url),
            location: store.location,
            ...recorded,
            plans: tree === null ? null : tree.summary,
            tasks: board.map(({ id, status, assignedTo }) => ({ id, status, assignedTo })),
            claims: acts.claims,
            costs: { byAgent, byModel, total: total[0] ?? null },
            budgets: acts.budgets,
            approval: acts.approval ?? null,
            audit,
          },
          show: (screen) => tell(screen, story),
        }
      },
      named,
    )
  },
})

/** The story's tree of plans; null if a visitor has deleted it. */
async function planTree(store: Store) {
  const root = planId(1)
  const tree = await store.plans.tree(root)
  if (tree === null) return null
  const costs = await store.costRecords.aggregate(
    { planId: root, tree: true, ...dollars },
    { by: ['plan', 'currency'] },
  )
  const { formatMoney } = await import('../../../index.ts')
  const branches = branchesOf(tree, costs, new Set(), formatMoney)
  return { branches, summary: treeSummary(tree, branches) }
}

/** Enough for the claims of the story; a visitor may have added to them. */
const MAX_MOVES = 8

/** Who claimed what, the budget, and the approval, as they are recorded. */
async function readActs(store: Store) {
  const [budgets, approval, ...moves] = await Promise.all([
    store.budgets.status({ name: budget.name }),
    findApproval(store),
    ...claimed.map(({ id }) =>
      store.audit.query({ taskId: id, action: 'task:*' }, { limit: MAX_MOVES, order: 'asc' }),
    ),
  ])
  const claims = moves
    .flatMap(({ items }) => items.filter(({ action }) => action !== 'task:create'))
    .sort((a, b) => a.sequence - b.sequence)
  return { budgets, approval, claims }
}
