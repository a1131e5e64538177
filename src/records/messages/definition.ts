// The message: one utterance on a channel between agents. Append-only.

import { z } from 'zod'
import { defineRecord, type NewOf, type RecordOf } from '../model/define-record.ts'
import { id, instant, json, list, name, oneOf, text } from '../model/fields.ts'
import {
  bodyRule,
  idRule,
  integerRule,
  jsonObjectRule,
  moneyRule,
  nameRule,
  textRule,
} from '../model/rules.ts'
import { attachmentTypes, messagePriorities, messageTypes } from './enums.ts'

export * from './enums.ts'

const knownPart = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: textRule }),
  z.strictObject({ kind: z.literal('data'), data: jsonObjectRule }),
  z.strictObject({ kind: z.literal('file'), name: nameRule, mediaType: nameRule.optional(), ref: textRule }),
  z.strictObject({ kind: z.literal('uri'), uri: bodyRule }),
])

/** One part of a message's body. */
export type MessagePart = z.infer<typeof knownPart>

/** As read from the store: an undefined media type is omitted. */
const part: z.ZodType<MessagePart, MessagePart> = knownPart.transform((given) => {
  if (given.kind !== 'file' || given.mediaType !== undefined) return given
  const { kind, name, ref } = given
  return { kind, name, ref }
})

const attachment = z.strictObject({ type: z.enum(attachmentTypes), ref: bodyRule })

const extra = z.array(z.tuple([nameRule, textRule])).check((ctx) => {
  const seen = new Set<string>()
  ctx.value.forEach(([key], index) => {
    if (seen.has(key)) {
      const issue = {
        code: 'custom',
        params: { code: 'repeated' },
        message: 'must not repeat an earlier key',
      } as const
      ctx.issues.push({ ...issue, input: key, path: [index, 0] })
    }
    seen.add(key)
  })
})

const metadataSchema = z.strictObject({
  taskId: idRule.nullable().default(null),
  /** If omitted and a `taskId` is given: the project of that task at the time of writing. */
  projectId: nameRule.nullable().default(null),
  /** If omitted and a `taskId` is given: the plan of that task. */
  planId: idRule.nullable().default(null),
  tokensUsed: integerRule(0).nullable().default(null),
  costUsd: moneyRule.nullable().default(null),
  extra: extra.readonly().default([]),
})

/** What a message refers to, and the resources spent on generating it. */
export type MessageMetadata = z.output<typeof metadataSchema>
/** The same as callers give it: omitted fields become null or empty. */
export type NewMessageMetadata = z.input<typeof metadataSchema>

const emptyMetadata: MessageMetadata = {
  taskId: null,
  projectId: null,
  planId: null,
  tokensUsed: null,
  costUsd: null,
  extra: [],
}

/** The stored form keeps the ancestors' names, so that adopted metadata needs no conversion. */
function metadataToStored(metadata: MessageMetadata): unknown {
  return {
    task_id: metadata.taskId,
    project_id: metadata.projectId,
    ...(metadata.planId === null ? {} : { plan_id: metadata.planId }),
    tokens_used: metadata.tokensUsed,
    cost_usd: metadata.costUsd,
    extra: metadata.extra,
  }
}

/** Keys that Purser does not know are left unchanged in storage. */
function metadataFromStored(stored: unknown): unknown {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return stored
  const values = stored as Readonly<Record<string, unknown>>
  return {
    taskId: values.task_id ?? null,
    projectId: values.project_id ?? null,
    planId: values.plan_id ?? null,
    tokensUsed: values.tokens_used ?? null,
    costUsd: values.cost_usd ?? null,
    extra: values.extra ?? [],
  }
}

const fields = {
  id: id().generated(),
  timestamp: instant().generated(),
  sender: name().filterable(),
  to: name().filterable(),
  channel: name().filterable(),
  type: oneOf(messageTypes).filterable(),
  priority: oneOf(messagePriorities).default('normal').filterable(),
  content: text(),
  /**
   * If omitted: one text part with the content. That is stored as null, so that a long text is
   * stored once.
   */
  parts: json<readonly MessagePart[]>(z.array(part).min(1).readonly(), { placeholder: [] }).nullable(),
  attachments: list(attachment),
  /**
   * What it is about, and the resources spent on generating it. With a `taskId`, an omitted
   * `planId` or `projectId` is taken from the task.
   */
  metadata: json<MessageMetadata, NewMessageMetadata>(metadataSchema, {
    placeholder: emptyMetadata,
    toStored: metadataToStored,
    fromStored: metadataFromStored,
  })
    .default(emptyMetadata)
    .columnDefault('{}'),
}

export type MessageFields = typeof fields
type StoredMessage = RecordOf<MessageFields>
/** A message as read from the store. */
export type Message = Omit<StoredMessage, 'parts'> & { readonly parts: readonly MessagePart[] }
/** The input of `messages.append`. `timestamp` defaults to now; `from` is an alias of `sender`. */
export type NewMessage = Omit<NewOf<MessageFields>, 'sender'> &
  ({ readonly sender: string } | { readonly from: string })

/** One utterance on a channel between agents. Append only. */
export const messageDefinition = defineRecord({
  name: 'message',
  table: 'messages',
  key: 'id',
  order: { fields: ['timestamp', 'id'], direction: 'desc' },
  fields,
  audit: false,
  storage: {
    serial: 'seq',
    generated: {
      taskId: { from: 'metadata', key: 'task_id' },
      planId: { from: 'metadata', key: 'plan_id' },
    },
    unique: { id: ['id'] },
    indexes: {
      channel: ['channel', 'timestamp', 'id'],
      timestamp: ['timestamp', 'id'],
      to: ['to', 'timestamp', 'id'],
      task: ['taskId', 'timestamp', 'id'],
      plan: ['planId', 'timestamp', 'id'],
    },
    fullText: 'content',
  },
})
