// Messages: append, read a channel's history, follow a thread, search.

import { z } from 'zod'
import type { Row } from '../../engines/contract/engine.ts'
import { DuplicateRecordError, InvalidRecordError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import type { RecordOf } from '../model/define-record.ts'
import { differingFields, leftOut } from '../model/differing-fields.ts'
import { parseOrThrow } from '../model/issues.ts'
import { idRule, instantRule, nameRule } from '../model/rules.ts'
import {
  checkArguments,
  checkedLater,
  filter,
  options,
  record,
  records,
  text,
  texts,
} from '../repository/arguments.ts'
import { type Condition, conditionsFingerprint } from '../repository/conditions.ts'
import type { FilterOf, OwnFilter, OwnFilters } from '../repository/filters.ts'
import {
  type CursorPosition,
  checkLimit,
  decodeCursor,
  encodeCursor,
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import { Repository } from '../repository/repository.ts'
import { parseSearch } from '../repository/search.ts'
import { searchForm, searchTokens } from '../repository/search-tokens.ts'
import { combined, type RowTest } from '../repository/selection.ts'
import type { RecordSession } from '../repository/session.ts'
import { type Pending, pendingRecord, type TaskLinks, writePending } from '../repository/task-links.ts'
import { sinceUntil, type TimeRange } from '../repository/time-range.ts'
import {
  type Message,
  type MessageFields,
  type MessageMetadata,
  messageDefinition,
  type NewMessage,
} from './definition.ts'

type StoredMessage = RecordOf<MessageFields>

/** Filters of message lists. `taskId` and `planId` are those of the metadata. */
export type MessageFilter = FilterOf<MessageFields, 'sender' | 'to' | 'type' | 'channel' | 'priority'> &
  TimeRange & { readonly taskId?: string | undefined; readonly planId?: string | undefined }

/** A position in a channel: a page cursor, or any message of the channel. */
export type MessagePlace = string | Pick<Message, 'id' | 'timestamp'>

/**
 * A page of messages, newest first. `previousCursor` leads to newer ones; it is null on an empty
 * page.
 */
export interface MessagePage extends Page<Message> {
  readonly previousCursor: string | null
}

export const messageFilters: OwnFilters = {
  ...sinceUntil('timestamp'),
  taskId: reference('task_id'),
  planId: reference('plan_id'),
}

const appendOptions = { idempotent: z.boolean() }

export class MessageRepository extends Repository<MessageFields> {
  static {
    checkArguments(MessageRepository, {
      get: [text('id')],
      getMany: [texts('ids')],
      append: [record, options(appendOptions)],
      appendMany: [records, options(appendOptions)],
      history: [text('channel'), options({ limit: checkedLater, before: checkedLater, after: checkedLater })],
      query: [filter, options(pageOptions)],
      count: [filter],
      thread: [record, options(pageOptions)],
      search: [text('text'), options({ channel: checkedLater, ...pageOptions })],
    })
    checkArguments(MessageRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  constructor(session: RecordSession) {
    super(messageDefinition, session)
  }

  override async get(id: string): Promise<Message | null> {
    const message = await super.get(id)
    return message === null ? null : present(message)
  }

  override async getMany(ids: readonly string[]): Promise<ReadonlyMap<string, Message>> {
    const found = await super.getMany(ids)
    return new Map([...found].map(([id, message]) => [id, present(message)]))
  }

  /**
   * Stores a message and returns it as written. If its metadata has a `taskId`, an omitted `planId`
   * or `projectId` is taken from the task at the time of writing; see `costRecords.append`.
   * @param options with `idempotent`, an existing message with the same id and equal content is
   * returned instead of refused; values taken from the task are not compared, as the task may have
   * moved since
   * @throws InvalidRecordError, DuplicateRecordError; with `idempotent`, `fields` names the
   * differences
   * @example
   * await store.messages.append({
   *   sender: 'lead', to: 'agent-7', channel: 'parser', type: 'delegation', content: 'Please take the parser.',
   * })
   */
  async append(input: NewMessage, options: { readonly idempotent?: boolean } = {}): Promise<Message> {
    const pending = this.#begin(input)
    const outcome = await this.session.write(pending.write)
    const existing = outcome.kind === 'duplicate' ? outcome.existing : undefined
    return this.#settle(input, pending, existing, options, (event) => this.session.whenCommitted(event))
  }

  /**
   * As `append`, for many: all are stored, or none. Among equal timestamps, the later in the list
   * counts as newer.
   */
  async appendMany(
    inputs: readonly NewMessage[],
    options: { readonly idempotent?: boolean } = {},
  ): Promise<readonly Message[]> {
    const pending = inputs.map((input) => this.#begin(input))
    let settled: Message[] = []
    const announcements: (() => void)[] = []
    await this.session.inTransaction(async (runner) => {
      const outcomes = await writePending(this.session, runner, pending)
      announcements.length = 0
      settled = outcomes.map((outcome, index) =>
        this.#settle(
          inputs[index] as NewMessage,
          pending[index] as Pending<StoredMessage>,
          outcome.kind === 'duplicate' ? outcome.existing : undefined,
          options,
          (event) => announcements.push(event),
        ),
      )
    })
    for (const event of announcements) this.session.whenCommitted(event)
    return settled
  }

  /**
   * A channel's messages, newest first by (timestamp, id).
   * @param options `before` returns messages older than a position, `after` those that follow it
   * (the nearest ones, still newest first); a position is a cursor of an earlier page or a message
   * @example
   * const { items } = await store.messages.history('parser', { limit: 50 })
   * const newer = await store.messages.history('parser', { after: items[0] })
   */
  async history(
    channel: string,
    options: {
      readonly limit?: number | undefined
      readonly before?: MessagePlace | undefined
      readonly after?: MessagePlace | undefined
    } = {},
  ): Promise<MessagePage> {
    const limit = checkLimit(options.limit)
    if (options.before !== undefined && options.after !== undefined) {
      throw new InvalidRecordError('history', [
        { path: ['after'], code: 'both', message: 'cannot be combined with before' },
      ])
    }
    const name = parseOrThrow('channel', nameRule, channel)
    const conditions: readonly Condition[] = [{ column: 'channel', operator: '=', values: [name] }]
    const list = `history ${conditionsFingerprint(conditions)}`
    const reverse = options.after !== undefined
    const from = options.before ?? options.after
    const position = from === undefined ? undefined : this.#positionOf(list, from)
    const rows = await this.rowsFrom({ conditions }, position, limit + 1, reverse)
    const shown = reverse ? rows.slice(0, limit).reverse() : rows.slice(0, limit)
    const { items, corrupt } = this.decodeRows(shown)
    const [newest, oldest] = [shown[0], shown.at(-1)]
    const older = reverse ? oldest !== undefined : rows.length > limit
    return {
      items: items.map(present),
      corrupt,
      nextCursor: older && oldest ? encodeCursor(list, this.positionOf(oldest)) : null,
      previousCursor: newest ? encodeCursor(list, this.positionOf(newest)) : null,
    }
  }

  /** Messages that match a filter, newest first. */
  async query(filter: MessageFilter = {}, page: PageRequest = {}): Promise<Page<Message>> {
    return presentPage(await this.page(this.selection(filter, messageFilters), page))
  }

  /** Every message that matches a filter, newest first, fetched in pages as the loop advances. */
  async *each(filter: MessageFilter = {}, options: OrderRequest = {}): AsyncGenerator<Message> {
    const selection = this.selection(filter, messageFilters)
    for await (const message of this.iterate(selection, options)) yield present(message)
  }

  async count(filter: MessageFilter = {}): Promise<number> {
    return this.countOf(this.selection(filter, messageFilters))
  }

  /** The messages about a task or a plan, newest first, across channels. */
  thread(
    about: { readonly taskId: string } | { readonly planId: string },
    page: PageRequest = {},
  ): Promise<Page<Message>> {
    const { taskId, planId } = about as { taskId?: string; planId?: string }
    if ((taskId === undefined) === (planId === undefined)) {
      throw new InvalidRecordError('thread', [
        { path: [], code: 'subject', message: 'needs either a taskId or a planId' },
      ])
    }
    return this.query(taskId === undefined ? { planId } : { taskId }, page)
  }

  /**
   * Messages whose content contains every word of `text`, newest first: whole words in any case, or
   * any substring in scripts written without spaces. All characters but letters, digits and marks
   * separate words; there are no operators. Different encodings of the same text match (composed or
   * not, full or half width); letters with different accents do not.
   * @throws InvalidRecordError if the text has no word, or more than 32
   */
  async search(
    text: string,
    options: { readonly channel?: string | undefined } & PageRequest = {},
  ): Promise<Page<Message>> {
    const { tokens, runs } = parseSearch(text)
    const { table } = this.definition.shape
    const { engine } = this.session
    await engine.fullText.refresh(this.session.runner, table, searchTokens)
    const filter = options.channel === undefined ? {} : { channel: options.channel }
    const query = engine.fullText.matches(table, tokens)
    const extra = { key: `search ${query.parameters.length}`, query }
    const test = runs.length === 0 ? undefined : this.#hasRuns(runs)
    const selection = combined([this.selection(filter), { conditions: [], extra, test }])
    return presentPage(await this.page(selection, options))
  }

  /** The tokens of a run may also occur elsewhere in a text. */
  #hasRuns(runs: readonly string[]): RowTest {
    return {
      key: 'runs',
      columns: ['content'],
      passes: ([content]) => {
        const form = searchForm(String(content ?? ''))
        return runs.every((run) => form.includes(run))
      },
    }
  }

  #begin(input: NewMessage): Pending<StoredMessage> {
    const { from, ...rest } = input as NewMessage & { from?: string }
    if (from !== undefined && 'sender' in rest) {
      throw new InvalidRecordError('message', [
        { path: ['from'], code: 'both', message: 'cannot be combined with sender' },
      ])
    }
    const renamed = from === undefined ? rest : { ...rest, sender: from }
    const message = this.completeRecord(renamed, {
      timestamp: this.session.now(),
    }) as unknown as StoredMessage
    const { metadata } = message
    return pendingRecord(
      this.session,
      message,
      metadata.planId === null || metadata.projectId === null ? metadata.taskId : null,
      (links) => ({ ...message, metadata: linked(metadata, links) }),
      (complete) => ({
        kind: 'insert',
        shape: this.definition.shape,
        row: this.codec.encode(complete),
      }),
    )
  }

  /**
   * The message as stored: the new one, or an equal existing one. `tell` receives the event to
   * publish.
   */
  #settle(
    input: NewMessage,
    { given: message, written }: Pending<StoredMessage>,
    existing: Row | undefined,
    options: { readonly idempotent?: boolean },
    tell: (event: () => void) => void,
  ): Message {
    const { id } = message
    if (existing === undefined) {
      tell(() => this.session.events.emit(events.messageAppended, { id }))
      return present(written())
    }
    tell(() => this.session.events.emit(events.messageDuplicate, { id }))
    if (!options.idempotent) throw new DuplicateRecordError('messages', id)
    const stored = present(this.codec.decode(existing))
    const again = present(this.asRead(message))
    const { planId, projectId: project } = stored.metadata
    // Values taken from the task are not compared: the task may have moved since.
    const same =
      again.metadata.taskId === null ? {} : { metadata: linked(again.metadata, { planId, project }) }
    const fields = differingFields({ ...again, ...same }, stored, leftOut(input, ['timestamp']))
    if (fields.length === 0) return stored
    throw new DuplicateRecordError('messages', id, { fields })
  }

  #positionOf(list: string, from: MessagePlace): CursorPosition {
    if (typeof from === 'string') return decodeCursor(list, from, 2)
    const id = parseOrThrow('place', idRule, from.id)
    return [this.codec.encodeField('timestamp', parseOrThrow('place', instantRule, from.timestamp)), id]
  }
}

/** An id in the metadata that has a dedicated column. */
function reference(column: string): OwnFilter {
  return (name, filter, { plural }) => {
    const id = parseOrThrow(`filter of ${plural}`, idRule, filter[name], [name])
    return { conditions: [{ column, operator: '=', values: [id] }] }
  }
}

function linked(metadata: MessageMetadata, { planId, project }: TaskLinks): MessageMetadata {
  return { ...metadata, planId: metadata.planId ?? planId, projectId: metadata.projectId ?? project }
}

/** A message without parts has one: its content. */
function present(message: StoredMessage): Message {
  const parts =
    message.parts ??
    (message.unreadable.includes('parts') ? [] : [{ kind: 'text' as const, text: message.content }])
  return { ...message, parts }
}

function presentPage(page: Page<StoredMessage>): Page<Message> {
  return { ...page, items: page.items.map(present) }
}
