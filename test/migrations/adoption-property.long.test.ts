// Whatever an ancestor's columns may hold, adoption takes it in, SQLite finds the file sound, and
// down gives it back. Values are drawn from every type that the ancestors' tables accept, far
// beyond what their programs wrote.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anything, json, time } from '../support/any-value.ts'
import { contentOf, sound, soundness, withDatabase } from '../support/database-content.ts'
import { insertAll, makeAncestor } from '../support/legacy.ts'
import { type LegacyRow, legacyCost, legacyMessage, legacyTask } from '../support/legacy-rows.ts'
import { migrateFile } from '../support/migrated.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { scratchFolder } from '../support/scratch.ts'

const tables = ['tasks', 'cost_records', 'messages']

const amount = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ noNaN: true }),
  fc.constantFrom(5e-10, 1.5e-9, 5e-324, -0, Infinity, '9e999', 'Infinity'),
  anything,
)

const task = fc.record({
  title: anything,
  status: anything,
  assigned_to: fc.option(anything),
  budget_limit: amount,
  deadline: fc.option(anything),
  max_retries: anything,
  parent_task_id: fc.option(anything),
  reviewers: json,
  dependencies: json,
  artifacts_expected: json,
  acceptance_criteria: json,
  delegation_chain: json,
})
const cost = fc.record({
  agent_id: anything,
  task_id: anything,
  model: anything,
  input_tokens: anything,
  output_tokens: fc.maxSafeInteger(),
  cost_usd: amount,
  timestamp: time,
  call_category: fc.option(anything),
})
const message = fc.record({
  timestamp: time,
  sender: anything,
  channel: anything,
  content: anything,
  attachments: json,
  metadata: json,
})

test('every row that the ancestors could hold survives up and down', { timeout: 240_000 }, async () => {
  const folder = scratchFolder()
  let run = 0
  const sample = fc.record({
    tasks: fc.array(task, { maxLength: 6 }),
    cost_records: fc.array(cost, { maxLength: 6 }),
    messages: fc.array(message, { maxLength: 6 }),
  })
  await fc.assert(
    fc.asyncProperty(sample, async (rows) => {
      run += 1
      const path = makeAncestor(`${folder}/${run}.db`, { operations: { tasks: 0, costs: 0, messages: 0 } })
      fill(path, rows)
      const before = contentOf(path, tables)
      await migrateFile(path)
      expect(soundness(path)).toEqual(sound)
      await migrateFile(path, { to: 1 })
      expect(contentOf(path, tables)).toEqual(before)
    }),
    { numRuns: propertyRuns(20) },
  )
})

function fill(path: string, rows: Readonly<Record<(typeof tables)[number], readonly LegacyRow[]>>): void {
  const make: Readonly<Record<string, (index: number) => LegacyRow>> = {
    tasks: legacyTask,
    cost_records: legacyCost,
    messages: legacyMessage,
  }
  withDatabase(
    path,
    (handle) => {
      for (const table of tables) {
        insertAll(
          handle,
          table,
          (rows[table] ?? []).map((row, index) => ({ ...make[table]?.(index), ...row })),
        )
      }
    },
    false,
  )
}
