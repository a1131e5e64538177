// `purser costs record`: one model call and its cost.

import type { NewCostRecord } from '../../../index.ts'
import { callCategories } from '../../../records/cost-records/enums.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { either, fieldsOf, jsonObject, text, time, under, whole, word } from '../../flags/flags.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { money } from '../../screen/amounts.ts'
import { printableLine } from '../../screen/text.ts'

const flags = {
  ...under('Needed:', {
    agent: text('agent', 'who made the call (default: --actor)', { field: 'agentId' }),
    provider: text('name', 'who sold it', { field: 'provider' }),
    model: text('name', 'the model called', { field: 'model' }),
    inputTokens: whole('n', 'tokens sent', { field: 'inputTokens' }),
    outputTokens: whole('n', 'tokens received', { field: 'outputTokens' }),
    cost: text('amount', 'what it cost, exactly: up to 9 digits after the point', { field: 'cost' }),
  }),
  ...under('Optional:', {
    currency: text('code', 'of the cost (default USD)', { field: 'currency' }),
    task: text('id', 'the task it was for', { field: 'taskId' }),
    plan: text('id', 'the plan it was for (default: its task’s)', { field: 'planId' }),
    project: text('name', 'the project it was for (default: its task’s)', { field: 'project' }),
    category: word(callCategories, 'the kind of call', { field: 'callCategory' }),
    cacheReadTokens: whole('n', 'tokens read from a cache', { field: 'cacheReadTokens' }),
    cacheWriteTokens: whole('n', 'tokens written to a cache', { field: 'cacheWriteTokens' }),
    timestamp: time('when it was made (default: now)', { field: 'timestamp' }),
    latencyMs: whole('n', 'how long it took, in milliseconds', { field: 'latencyMs' }),
    success: either('the call succeeded', { field: 'success' }),
    finishReason: text('text', 'why the model stopped', { field: 'finishReason' }),
    idempotencyKey: text('key', 'recording the same call again under it writes nothing', {
      field: 'idempotencyKey',
    }),
    metadata: jsonObject('anything else', { field: 'metadata' }),
    id: text('id', 'its id (default: a new ULID)', { field: 'id' }),
  }),
}

export const recordCost = defineChange({
  name: 'record',
  summary: 'record a model call and its cost',
  flags,
  examples: [
    [
      'a call',
      'costs record --agent otto --provider northwind --model large-2 --input-tokens 1200 --output-tokens 80 --cost 0.001309',
    ],
    [
      'safe to repeat',
      'costs record --agent otto --provider northwind --model large-2 --input-tokens 1200 --output-tokens 80 --cost 0.001309 --idempotency-key call-4711',
    ],
  ],
  run: (call) =>
    call.withStore('create', async (store) => {
      let isRepeated = false
      store.on('persistence.cost.repeated', () => {
        isRepeated = true
      })
      const record = await store.costRecords.append({
        agentId: call.actor,
        ...(await withWholeIds(store, fieldsOf(flags, call.flags))),
      } as unknown as NewCostRecord)
      const id = printableLine(record.id)
      if (isRepeated) {
        call.note('info', 'A call with this key was recorded before; nothing was written.', 'REPEATED')
      }
      return {
        data: record,
        show: (screen) =>
          screen.quiet
            ? id
            : `${isRepeated ? 'Found' : 'Recorded'} ${money(record.cost, record.currency)} of ${printableLine(record.agentId)} as ${screen.paint.bold(id)}`,
      }
    }),
})
