// `purser audit append`: records a decision made outside of Purser, such as a denied tool call.

import type { NewAuditEntry } from '../../../index.ts'
import { auditVerdicts, riskLevels } from '../../../records/audit-entries/enums.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { checkNew } from '../../flags/check-fields.ts'
import { type Flag, fieldsOf, parseJson, text, texts, under, word } from '../../flags/flags.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { UsageError } from '../../run/failure.ts'
import { textOrStdin } from '../../run/stdin.ts'
import { printableLine } from '../../screen/text.ts'
import { subjectText } from './view.ts'

const flags = {
  ...under('Needed:', {
    action: text('area:verb', 'what was done, for example tool:call', { field: 'action' }),
    subjectType: text('word', 'what kind of thing it was done to, for example tool', {
      field: 'subjectType',
    }),
  }),
  ...under('Optional:', {
    subjectId: text('id', 'which thing it was done to', { field: 'subjectId' }),
    verdict: word(auditVerdicts, 'what was decided (default record)', { field: 'verdict' }),
    risk: word(riskLevels, 'how risky it is (default low)', { field: 'riskLevel' }),
    reason: text('text', 'why; - reads it from standard input', { field: 'reason' }),
    rule: texts('name', 'a rule that led to the verdict', { field: 'matchedRules' }),
    plan: text('id', 'the plan it was done for (default: its task’s)', { field: 'planId' }),
    task: text('id', 'the task it was done for', { field: 'taskId' }),
    argumentsHash: text('sha256', 'of arguments that must not be kept: 64 hexadecimal digits', {
      field: 'argumentsHash',
    }),
    details: anyJson('more about it: any JSON', 'details'),
    id: text('id', 'its id (default: a new ULID)', { field: 'id' }),
  }),
}

export const appendAudit = defineChange({
  name: 'append',
  summary: 'append an audit entry',
  description:
    'Append an audit entry as the next one of the chain. It can be neither changed nor deleted, so it should hold no secrets.',
  flags,
  examples: [
    [
      'a tool call that was denied',
      'audit append --action tool:call --subject-type tool --subject-id shell --verdict deny --risk high --reason "not in the allow list" --actor gatekeeper',
    ],
  ],
  validate: ({ flags: given }) =>
    checkNew(({ auditEntryDefinition }) => auditEntryDefinition, fieldsOf(flags, given)),
  run: async (call) => {
    const reason = await textOrStdin('--reason', call.flags.reason)
    const input = fieldsOf(flags, { ...call.flags, reason })
    return call.withStore('create', async (store) => {
      const entry = await call
        .acting(store)
        .audit.append((await withWholeIds(store, input)) as unknown as NewAuditEntry)
      const id = printableLine(entry.id)
      return {
        data: entry,
        show: (screen) =>
          screen.quiet
            ? id
            : `Appended audit entry ${screen.paint.bold(`#${entry.sequence}`)}: ${printableLine(entry.actor)}, ${entry.action} on ${subjectText(entry)}, ${entry.verdict}\n  ${screen.paint.dim(id)}`,
      }
    })
  },
})

function anyJson(description: string, field: string): Flag<unknown> {
  return {
    metavar: 'json',
    description,
    field,
    initial: undefined,
    read: (value) => {
      try {
        return parseJson(value)
      } catch (error) {
        throw error instanceof UsageError ? new UsageError(`${error.message}; a text needs quotes`) : error
      }
    },
  }
}
