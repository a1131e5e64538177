// Random organisations: what agents might have stored, with the texts that give databases trouble.
// Made over the public API, so that each is one that can be; ids and times are given, so that equal
// seeds make equal stores.

import fc from 'fast-check'
import type { Store } from '../../../src/index.ts'

const text = fc.oneof(
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .filter((value) => value.trim() !== '' && !value.includes('\0')),
  fc.constantFrom(
    'a\\b',
    `quote ' and "`,
    '%_',
    '{"a": 1}',
    '[]',
    'null',
    'tab\tline\nend',
    '😀 ä',
    '0123',
    ' spaced ',
  ),
)
const name = fc.oneof(
  fc.constantFrom('ada', 'Ada', 'ADA', 'ada ', 'b%', '中文', "o'neil"),
  fc.stringMatching(/^[a-z]{1,8}$/),
)
const instant = fc
  .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2200-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString())
const amount = fc.bigInt({ min: 0n, max: 9_000_000_000_000n }).map((nanos) => {
  const digits = String(nanos).padStart(10, '0')
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`
})
const anyJson = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 3,
})

export const organisation = fc.record({
  /** Each names the one it stands under by its place, or none. */
  plans: fc.array(fc.record({ under: fc.nat(20), text, metadata: anyJson, moves: fc.nat(3) }), {
    maxLength: 14,
  }),
  tasks: fc.array(
    fc.record({
      text,
      plan: fc.nat(20),
      reviewers: fc.uniqueArray(name, { maxLength: 3 }),
      budget: fc.option(amount),
      metadata: anyJson,
    }),
    { maxLength: 10 },
  ),
  costs: fc.array(
    fc.record({
      agent: name,
      cost: amount,
      currency: fc.constantFrom('USD', 'EUR'),
      at: instant,
      plan: fc.nat(20),
    }),
    { maxLength: 20 },
  ),
  messages: fc.array(
    fc.record({
      sender: name,
      text,
      at: instant,
      extra: fc.uniqueArray(fc.tuple(name, text), { maxLength: 2, selector: ([key]) => key }),
    }),
    {
      maxLength: 20,
    },
  ),
  entries: fc.array(
    fc.record({ actor: name, reason: fc.option(text), details: fc.jsonValue({ maxDepth: 3 }) }),
    {
      maxLength: 8,
    },
  ),
})

export type Organisation = typeof organisation extends fc.Arbitrary<infer T> ? T : never

/** Fills an empty store. */
export async function fill(store: Store, made: Organisation): Promise<void> {
  await store.actions.create({
    name: 'local/build',
    description: 'anything',
    actors: { strategy: 'ada', execution: 'bo' },
  })
  const ids: string[] = []
  for (const [index, { under, text: description, metadata, moves }] of made.plans.entries()) {
    const parentPlanId = under < ids.length ? ids[under] : undefined
    const plan = await store.plans.create({
      actionName: 'local/build',
      description,
      metadata: metadata as never,
      ...(parentPlanId === undefined ? { name: `local/plan-${index}` } : { parentPlanId }),
    })
    ids.push(plan.planId)
    if (moves > 0) await store.plans.use(plan.planId, { version: plan.version })
  }
  const planOf = (place: number) => ids[place] ?? null
  for (const [index, task] of made.tasks.entries()) {
    await store.tasks.create({
      id: `Task ${index % 2 === 0 ? 'a' : 'A'}${index}`,
      title: task.text,
      description: task.text,
      project: 'p',
      createdBy: 'lead',
      type: 'admin',
      planId: planOf(task.plan),
      reviewers: task.reviewers,
      ...(task.budget === null ? {} : { budgetLimit: task.budget }),
      metadata: task.metadata as never,
    })
  }
  await store.costRecords.appendMany(
    made.costs.map((cost) => ({
      agentId: cost.agent,
      provider: 'none',
      model: 'small',
      inputTokens: 1,
      outputTokens: 2,
      cost: cost.cost,
      currency: cost.currency,
      timestamp: cost.at,
      planId: planOf(cost.plan),
    })),
  )
  await store.messages.appendMany(
    made.messages.map((message) => ({
      sender: message.sender,
      to: 'all',
      channel: 'deck',
      type: 'announcement' as const,
      content: message.text,
      timestamp: message.at,
      metadata: { extra: message.extra },
    })),
  )
  for (const entry of made.entries) {
    await store.as(entry.actor).audit.append({
      action: 'tool:call',
      subjectType: 'tool',
      reason: entry.reason,
      details: entry.details as never,
    })
  }
}
