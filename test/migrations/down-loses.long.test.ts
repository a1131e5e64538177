// G2, second half: going down with rows that the older layout has no place for is refused with
// every loss named, and done when the loss is accepted. What the older layout can hold is there
// afterwards, and going up again works.

import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MigrationError, type Store } from '../../src/index.ts'
import { contentOf, sound, soundness, withDatabase } from '../support/database-content.ts'
import { makeAncestor } from '../support/legacy.ts'
import { planId } from '../support/legacy-rows.ts'
import { migrateFile, versions, withBackend } from '../support/migrated.ts'
import { hashOf, scratchFile } from '../support/scratch.ts'

const task = {
  title: 'Caulk the hull',
  description: 'd',
  project: 'p',
  createdBy: 'c',
  type: 'development',
} as const
const cost = {
  agentId: 'a',
  taskId: 't',
  provider: 'p',
  model: 'm',
  inputTokens: 1,
  outputTokens: 1,
  cost: '0.25',
}
const message = { sender: 's', to: 't', channel: 'c', type: 'question', content: 'Hello' } as const

/**
 * Each way to store what the older layouts cannot hold, and the words in which going down to 1
 * names it.
 */
const losses: Readonly<Record<string, { fill: (store: Store) => Promise<unknown>; named: string }>> = {
  'a task made by Purser': {
    fill: (store) => store.tasks.create(task),
    named: 'creation times and versions of tasks: 1 row',
  },
  'metadata of a task': {
    fill: (store) => store.tasks.create({ ...task, metadata: { port: 'Riga' } }),
    named: 'metadata of tasks: 1 row',
  },
  'a plan of a task': {
    fill: (store) => store.tasks.create({ ...task, planId: planId(0) }),
    named: 'plans of tasks: 1 row',
  },
  'a changed task': {
    fill: (store) => store.tasks.update('task-1', { title: 'Caulk it twice' }, { version: 1 }),
    named: 'creation times and versions of tasks: 1 row',
  },
  'a cost record made by Purser': {
    fill: (store) => store.costRecords.append(cost),
    named: 'ids of cost records: 1 row',
  },
  'another currency': {
    fill: (store) => store.costRecords.append({ ...cost, currency: 'EUR' }),
    named: 'currencies of cost records: 1 row',
  },
  'a cost record without a task': {
    fill: (store) => store.costRecords.append({ ...cost, taskId: null }),
    named: 'cost records without a task: 1 row',
  },
  ...Object.fromEntries(
    Object.entries({
      idempotencyKey: 'k',
      planId: 'p',
      project: 'p',
      cacheReadTokens: 1,
      cacheWriteTokens: 1,
      latencyMs: 1,
      success: false,
      finishReason: 'stop',
      metadata: { port: 'Riga' },
    }).map(([field, value]) => [
      `${field} of a cost record`,
      {
        fill: (store: Store) => store.costRecords.append({ ...cost, [field]: value }),
        named:
          'details of cost records (key, plan, project, cache tokens, latency, outcome, metadata): 1 row',
      },
    ]),
  ),
  'an amount with more digits than a floating-point number holds': {
    fill: (store) => store.costRecords.append({ ...cost, cost: '9000000.000000001' }),
    named: 'last digits of the amounts of cost records: 1 row',
  },
  'a budget with more digits than a floating-point number holds': {
    fill: (store) => store.tasks.create({ ...task, budgetLimit: '9000000.000000001' }),
    named: 'last digits of the budgets of tasks: 1 row',
  },
  'an agent': { fill: (store) => store.agents.seen('a'), named: 'agents: 1 row' },
  'an approval': {
    fill: (store) => store.approvals.request({ kind: 'tool:call', subjectType: 'tool' }),
    named: 'approvals: 1 row',
  },
  'a parked run': {
    fill: (store) => store.parkedRuns.park({ agentId: 'a', format: 'f@1', state: Uint8Array.of(1) }),
    named: 'parked runs: 1 row',
  },
  'a decision': {
    fill: async (store) => {
      const { planId } = await store.plans.create({ name: 'a/b', actionName: 'x', description: 'd' })
      await store.decisions.record({
        ...{ planId, type: 'prompt_definition', question: 'q', chosenOption: 'c' },
      } as const)
    },
    named: 'decisions: 1 row',
  },
  'a correction': {
    fill: async (store) => {
      const { planId } = await store.plans.create({ name: 'a/b', actionName: 'x', description: 'd' })
      const { decisionId } = await store.decisions.record({
        ...{ planId, type: 'prompt_definition', question: 'q', chosenOption: 'c' },
      } as const)
      await store.decisions.correct(decisionId, { mode: 'append', guidance: 'g' })
    },
    named: 'corrections: 1 row',
  },
  'a checkpoint of a plan': {
    fill: async (store) => {
      const { planId } = await store.plans.create({ name: 'a/b', actionName: 'x', description: 'd' })
      await store.planCheckpoints.create({ planId })
    },
    named: 'checkpoints of plans: 1 row',
  },
  'a step of a plan': {
    fill: async (store) => {
      const { planId } = await store.plans.create({ name: 'a/b', actionName: 'x', description: 'd' })
      await store.plans.step(planId, { index: 0, status: 'running' })
    },
    named: 'steps of plans: 1 row',
  },
  'a setting': {
    fill: (store) => store.settings.set('local/theme', 'dark'),
    named: 'settings: 1 row',
  },
  'a token': {
    fill: (store) => store.tokens.create({ name: 'ci', role: 'reader' }),
    named: 'tokens: 1 row',
  },
  'a project': { fill: (store) => store.projects.create({ name: 'web' }), named: 'projects: 1 row' },
  'a tag of an action': {
    fill: (store) => store.actions.create({ name: 'local/tagged', description: 'd', tags: ['port of Riga'] }),
    named:
      'details of actions (long description, arguments, invariants, tags, whether they are reusable and read-only): 1 row',
  },
  'parts of a message': {
    fill: (store) => store.messages.append({ ...message, parts: [{ kind: 'data', data: { port: 'Riga' } }] }),
    named: 'parts of messages: 1 row',
  },
}

async function refusal(path: string, to: number): Promise<MigrationError> {
  const error = await migrateFile(path, { to }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(MigrationError)
  return error as MigrationError
}

describe.each(Object.entries(losses))('%s', (_, { fill, named }) => {
  test('is named before it would be lost, and nothing is changed', async () => {
    const path = makeAncestor(scratchFile(), { operations: true, plans: true })
    await withBackend(path, async (store) => {
      await store.migrate({ backup: false })
      await fill(store)
    })
    const before = hashOf(path)
    const error = await refusal(path, 1)
    expect(error.details).toContain(named)
    expect(error.message).toContain(named)
    expect(error.message).toContain('--allow-data-loss')
    expect(error.message).not.toContain('Riga')
    expect(hashOf(path)).toBe(before)

    await migrateFile(path, { to: 1, allowDataLoss: true })
    expect(soundness(path)).toEqual(sound)
    const again = await migrateFile(path)
    expect(again.applied.map((migration) => migration.version)).toEqual(versions.slice(1))
    expect(soundness(path)).toEqual(sound)
  })
})

test('a message alone is no loss: the older layout holds all of it', async () => {
  const path = scratchFile()
  await withBackend(path, async (store) => {
    await store.migrate()
    const stored = await store.messages.append({
      ...message,
      id: 'm-1',
      timestamp: '2026-01-02T03:04:05.678Z',
    })
    await store.migrate({ to: 4 })
    await store.migrate()
    expect(await store.messages.get('m-1')).toEqual(stored)
  })
})

test('one refusal names what all migrations would lose, and leaves no backup behind', async () => {
  const path = makeAncestor(scratchFile(), { operations: true, plans: true })
  await withBackend(path, async (store) => {
    await store.migrate({ backup: false })
    await fillAll(store)
  })
  const error = await migrateFile(path, { to: 1, backup: true }).catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'MIGRATION_FAILED',
    details: [
      'audit entries: 20 rows',
      'parts of messages: 25 rows',
      'ids of cost records: 30 rows',
      expect.stringMatching(/^details of cost records .*: 30 rows$/),
      'metadata of tasks: 20 rows',
      'plans of tasks: 20 rows',
      'creation times and versions of tasks: 20 rows',
    ],
  })
  expect(readdirSync(dirname(path))).toEqual(['purser.db'])
})

test.each(versions.slice(1))('from version %i what would be lost can be counted', async (from) => {
  const path = scratchFile()
  await migrateFile(path, { to: from })
  expect(await migrateFile(path, { to: 1 })).toMatchObject({ from, to: 1 })
})

test('findings are no loss: their values go back into the columns they came from', async () => {
  const path = makeAncestor(scratchFile(), { operations: true, damage: ['timesUnreadable'] })
  expect((await migrateFile(path)).findings.total).toBeGreaterThan(0)
  await migrateFile(path, { to: 2 })
  const left = withDatabase(path, (handle) =>
    handle.prepare('SELECT count(*) FROM purser_findings').pluck().get(),
  )
  expect(left).toBe(0)
})

test('ids in the form of adopted ones do not clash on the way down', async () => {
  const path = makeAncestor(scratchFile(), { operations: true })
  await withBackend(path, async (store) => {
    await store.migrate({ backup: false })
    const [adopted] = (await store.costRecords.query({}, { limit: 1 })).items
    const number = adopted?.id.slice(10)
    for (const time of ['01AAAAAAAA', '01BBBBBBBB'])
      await store.costRecords.append({ ...cost, id: `${time}${number}` })
    await store.migrate({ to: 1, backup: false })
  })
  expect(contentOf(path).tables.cost_records?.rows).toHaveLength(62)
})

test('row numbers of any size give ULIDs of their own; those that do not fit are a loss on the way down', async () => {
  const numbers = [
    '-1',
    '-9223372036854775808',
    '1099511627775',
    '1099511627776',
    '9007199254740993',
    '9223372036854775807',
  ]
  const path = makeAncestor(scratchFile(), {
    operations: { costs: 0 },
    afterwards: numbers.map(
      (number) =>
        `INSERT INTO cost_records VALUES (${number}, 'a', 't', 'p', 'm', 1, 1, 0.5, '2024-02-01T10:00:00Z', NULL)`,
    ),
  })
  await withBackend(path, async (store) => {
    await store.migrate({ backup: false })
    const ids = (await store.costRecords.query()).items.map((record) => record.id)
    expect(new Set(ids).size).toBe(numbers.length)
    for (const id of ids) expect(id).toMatch(/^01HNJ1RT80[0-9A-HJKMNP-TV-Z]{16}$/)
  })
  expect((await refusal(path, 1)).details).toEqual(['ids of cost records: 5 rows'])
  await migrateFile(path, { to: 1, allowDataLoss: true })
  expect(contentOf(path).tables.cost_records?.rows).toHaveLength(numbers.length)
})

describe('rows in every table, up, down with the loss accepted, and up', () => {
  test('keep everything that the ancestors had a place for', async () => {
    const path = makeAncestor(scratchFile(), { operations: true, plans: true })
    const ids = await withBackend(path, async (store) => {
      await store.migrate({ backup: false })
      return fillAll(store)
    })
    const before = await readAll(path, ids)
    await migrateFile(path, { to: 1, allowDataLoss: true })
    const legacy = contentOf(path).tables
    expect(legacy.tasks?.rows).toHaveLength(36 + ids.tasks.length)
    expect(legacy.cost_records?.rows).toHaveLength(60 + ids.costs)
    expect(legacy.messages?.rows).toHaveLength(84 + ids.messages.length)
    await migrateFile(path)
    const after = await readAll(path, ids)
    expect(after.tasks).toEqual(before.tasks.map((row) => row && lessWhatIsNew(row)))
    expect(after.messages).toEqual(
      before.messages.map((row) => row && { ...row, parts: [{ kind: 'text', text: row.content }] }),
    )
    expect(after.total).toEqual(before.total)
    expect(after.byAgent).toEqual(before.byAgent)
    expect(soundness(path)).toEqual(sound)
  })
})

async function fillAll(store: Store) {
  const tasks = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      store.tasks.create({
        ...task,
        title: `task ${index} ⚓`,
        budgetLimit: `${index}.123456789`,
        deadline: '2026-05-01',
        metadata: { index },
        planId: planId(index % 5),
        reviewers: ['r1', 'r2'],
        acceptanceCriteria: [{ description: 'floats', met: true }],
      }),
    ),
  )
  await store.costRecords.appendMany(
    Array.from({ length: 30 }, (_, index) => ({
      ...cost,
      agentId: `agent-${index % 3}`,
      cost: `0.0${String(index).padStart(2, '0')}000001`,
      idempotencyKey: `key-${index}`,
      metadata: { index },
      timestamp: new Date(Date.UTC(2026, 0, 1, index)),
    })),
  )
  const messages = await store.messages.appendMany(
    Array.from({ length: 25 }, (_, index) => ({
      ...message,
      content: `word${index} ⚓`,
      parts: [{ kind: 'data' as const, data: { index } }],
      metadata: { taskId: tasks[index % 20]?.id ?? null, extra: [['k', `${index}`] as [string, string]] },
      timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, Math.floor(index / 5))),
    })),
  )
  return { tasks: tasks.map((row) => row.id), costs: 30, messages: messages.map((row) => row.id) }
}

function readAll(path: string, ids: Awaited<ReturnType<typeof fillAll>>) {
  return withBackend(path, async (store) => ({
    tasks: await Promise.all(ids.tasks.map((id) => store.tasks.get(id))),
    messages: await Promise.all(ids.messages.map((id) => store.messages.get(id))),
    total: await store.costRecords.aggregate(),
    byAgent: await store.costRecords.aggregate({}, { by: ['agent'] }),
  }))
}

function lessWhatIsNew(row: object) {
  return {
    ...row,
    metadata: {},
    planId: null,
    createdAt: expect.any(Date),
    updatedAt: expect.any(Date),
    version: 1,
  }
}
