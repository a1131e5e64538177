// A small organisation at work: a plan with two children goes through its phases, with a retry and
// a revert; then the tree, its cost, and the audit trail.
//
//   node examples/run-a-plan.ts [URL]      (without it PURSER_URL, or a database in memory)

import { gate, openStore, type Plan, type PlanRepository } from 'purser'

const store = await openStore(process.argv[2] || process.env.PURSER_URL || 'sqlite::memory:')
const lead = store.as('lead')
const coder = store.as('coder')
const tester = store.as('tester')
/** The profile leaves some steps to a person. */
const human = store.as('human:ada')

/** From strategize/queued to apply/applied. */
async function finish(plans: PlanRepository, plan: Plan): Promise<Plan> {
  let current = plan
  while (current.state !== 'applied') {
    const { planId, state } = current
    if (state === 'queued') current = await plans.start(planId, current)
    else if (state === 'processing') current = await plans.complete(planId, current)
    else current = await human.plans.advance(planId, current)
  }
  return current
}

await lead.actions.create({
  name: 'demo/build',
  description: 'Build it',
  actors: { strategy: 'lead', execution: 'coder' },
})
const release = await lead.plans.create({
  name: 'demo/release-2',
  actionName: 'demo/build',
  description: 'release 2',
  automationProfile: 'cautious',
})
const [parser, tests] = await lead.plans.createMany(
  ['write the parser', 'test the parser'].map((description) => ({
    parentPlanId: release.planId,
    actionName: 'demo/build',
    description,
  })),
)
if (!parser || !tests) throw new Error('two plans were asked for')

let plan = await coder.plans.use(parser.planId, parser)
plan = await coder.plans.start(plan.planId, plan)
plan = await coder.plans.fail(plan.planId, { message: 'the model did not answer' }, plan)
plan = await coder.plans.retry(plan.planId, plan)
await finish(coder.plans, plan)
await store.costRecords.append({
  agentId: 'coder',
  planId: parser.planId,
  provider: 'acme',
  model: 'large-1',
  inputTokens: 12_000,
  outputTokens: 3400,
  cost: '0.0531',
})

plan = await tester.plans.use(tests.planId, tests)
plan = await tester.plans.start(plan.planId, plan)
plan = await tester.plans.complete(plan.planId, plan)
plan = await tester.plans.advance(plan.planId, { version: plan.version, confidence: 0.9 })
plan = await tester.plans.start(plan.planId, plan)
plan = await human.plans.revert(plan.planId, 'tests of the wrong grammar', plan)
// No live plan is left below the release when it is applied.
await finish(tester.plans, plan)
await finish(lead.plans, await lead.plans.use(release.planId, release))

const tree = await store.plans.tree(release.planId)
for (const { plan: each, level } of tree?.nodes.values() ?? []) {
  const attempt = each.attempt > 1 ? `, attempt ${each.attempt}` : ''
  const reverted = each.reversionCount > 0 ? ', reverted once' : ''
  console.log(
    `${'  '.repeat(level - 1)}${each.description} (${each.phase}/${each.state}${attempt}${reverted})`,
  )
}
const { cost, currency } = await store.plans.cost(release.planId, { tree: true })
console.log(`the tree cost ${cost} ${currency}`)
console.log(`may it edit code alone? ${gate(release, 'editCode', 0.5)}, ${gate(release, 'editCode', 0.8)}`)

const actors = new Set<string>()
for await (const entry of store.audit.each()) actors.add(entry.actor)
const { ok, checked } = await store.audit.verify()
console.log(`audit: ${checked} entries by ${[...actors].sort().join(', ')}, verified: ${ok}`)
await store.close()
