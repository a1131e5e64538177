// Totals whose parts are each within 64 bits of billionths, and which are beyond that together.

import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'

const most = '9223372036.854775807'

test('a total beyond 64 bits is exact, from running totals and from records', async () => {
  await using store = await openStore('sqlite::memory:')
  for (const number of [1, 2, 3]) {
    await store.costRecords.append({
      agentId: `agent-${number}`,
      taskId: `task-${number}`,
      planId: `plan-${number}`,
      project: `project-${number}`,
      provider: `provider-${number}`,
      model: `model-${number}`,
      callCategory: number === 1 ? 'productive' : number === 2 ? 'system' : 'embedding',
      timestamp: new Date(Date.UTC(2026, 0, number)),
      inputTokens: 1,
      outputTokens: 0,
      cost: most,
    })
  }
  const [total] = await store.costRecords.aggregate()
  expect(total?.cost).toBe('27670116110.564327421')
  const [since] = await store.costRecords.aggregate({ since: '2026-01-02T00:00:00Z' })
  expect(since?.cost).toBe('18446744073.709551614')
  const byDay = await store.costRecords.aggregate({}, { by: ['day'] })
  expect(byDay.map((day) => day.cost)).toEqual([most, most, most])
})
