// `purser costs record`: one model call and its cost.

import type { NewCostRecord } from '../../../index.ts'
import { callCategories, costStatuses } from '../../../records/cost-records/enums.ts'
import { type ChangeCall, defineChange } from '../../flags/actor-flag.ts'
import { checkNew } from '../../flags/check-fields.ts'
import { either, fieldsOf, jsonObject, text, time, under, whole, word } from '../../flags/flags.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import type { ArgumentSet } from '../../run/command.ts'
import { money } from '../../screen/amounts.ts'
import { printableLine } from '../../screen/text.ts'

const flags = {
  ...under('Needed:', {
    agent: text('agent', 'who made the call (default: --actor)', { field: 'agentId' }),
    provider: text('name', 'who sold it', { field: 'provider' }),
    model: text('name', 'the model called', { field: 'model' }),
    inputTokens: whole('n', 'tokens sent that no cache had or took', { field: 'inputTokens' }),
    outputTokens: whole('n', 'tokens received, with those of reasoning', { field: 'outputTokens' }),
  }),
  ...under('Optional:', {
    cost: text('amount', 'what it cost, exactly: up to 9 digits after the point (default: not known)', {
      field: 'cost',
    }),
    currency: text('code', 'of the cost (default USD)', { field: 'currency' }),
    task: text('id', 'the task it was for', { field: 'taskId' }),
    plan: text('id', 'the plan it was for (default: its task’s)', { field: 'planId' }),
    project: text('name', 'the project it was for (default: its task’s)', { field: 'project' }),
    reservation: text('id', 'what budgets hold for the call, which this cost settles', {
      field: 'reservationId',
    }),
    session: text('id', 'the conversation or run it was part of', { field: 'sessionId' }),
    biller: text('name', 'who charges for it, if not the provider', { field: 'biller' }),
    category: word(callCategories, 'the kind of call', { field: 'callCategory' }),
    reasoningTokens: whole('n', 'of the tokens received: those of reasoning', { field: 'reasoningTokens' }),
    cacheReadTokens: whole('n', 'tokens read from a cache', { field: 'cacheReadTokens' }),
    cacheWriteTokens: whole('n', 'tokens written to a cache', { field: 'cacheWriteTokens' }),
    cacheWrite1hTokens: whole('n', 'of the tokens written: those kept for an hour', {
      field: 'cacheWrite1hTokens',
    }),
    costStatus: word(costStatuses, 'how the cost is known (default: reported, or unpriced without one)', {
      field: 'costStatus',
    }),
    priceSource: text('text', 'of a computed cost: the table of prices and its date', {
      field: 'priceSource',
    }),
    timestamp: time('when it was made (default: now)', { field: 'timestamp' }),
    latencyMs: whole('n', 'how long it took, in milliseconds', { field: 'latencyMs' }),
    success: either('the call succeeded', { field: 'success' }),
    finishReason: text('text', 'why the model stopped', { field: 'finishReason' }),
    source: text('name', 'what recorded it', { field: 'source' }),
    idempotencyKey: text('key', 'recording the same call again under it writes nothing', {
      field: 'idempotencyKey',
    }),
    metadata: jsonObject('anything else', { field: 'metadata' }),
    id: text('id', 'its id (default: a new ULID)', { field: 'id' }),
  }),
}

/** What a call of the command would store, with ids as they were typed. */
function inputOf({ flags: given, actor }: Pick<ChangeCall<ArgumentSet, typeof flags>, 'flags' | 'actor'>) {
  return { agentId: actor, ...fieldsOf(flags, given) }
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
  actsAs: '--agent',
  validate: (call) => checkNew(({ costRecordDefinition }) => costRecordDefinition, inputOf(call)),
  run: (call) =>
    call.withStore('create', async (store) => {
      let isRepeated = false
      store.on('persistence.cost.repeated', () => {
        isRepeated = true
      })
      const input = await withWholeIds(store, inputOf(call))
      const { agent } = call.flags
      const acting = call.acting(store, agent === undefined ? undefined : { name: agent, origin: '--agent' })
      const record = await acting.costRecords.append(input as unknown as NewCostRecord)
      const id = printableLine(record.id)
      if (isRepeated) {
        call.note('info', 'A call with this key was recorded before; nothing was written.', 'REPEATED')
      }
      return {
        data: record,
        show: (screen) =>
          screen.quiet
            ? id
            : `${isRepeated ? 'Found' : 'Recorded'} ${record.cost === null ? 'a call without a known cost' : money(record.cost, record.currency)} of ${printableLine(record.agentId)} as ${screen.paint.bold(id)}`,
      }
    }),
})
