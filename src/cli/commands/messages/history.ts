// `purser messages history`: a channel's messages, or those of a filter, the newest page first. A
// page reads downwards in time, like a conversation; in JSON it is newest first, as the library
// returns it.

import type { Message, MessageFilter, MessagePage, Store } from '../../../index.ts'
import { messagePriorities, messageTypes } from '../../../records/messages/enums.ts'
import { fieldsOf, text, time, under, words } from '../../flags/flags.ts'
import { anyOf, listOutcome, pagingFlags, readPage } from '../../flags/listing.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { defineCommand, optional } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { printableLine } from '../../screen/text.ts'
import { messageJson, messageLines } from './view.ts'

const filters = under('Filters:', {
  task: text('id', 'only messages about this task', { field: 'taskId' }),
  plan: text('id', 'only messages about this plan', { field: 'planId' }),
  from: anyOf('agent', 'only messages that this agent sent', 'sender'),
  to: anyOf('agent', 'only messages to this agent', 'to'),
  type: words(messageTypes, 'only messages of these types', { field: 'type' }),
  priority: words(messagePriorities, 'only messages of these priorities', { field: 'priority' }),
  since: time('only messages from then on: a time with offset, a date (UTC), or an age such as 7d or 24h', {
    field: 'since',
  }),
  until: time('only messages before then', { field: 'until' }),
})

export const messageHistory = defineCommand({
  name: 'history',
  summary: 'read a channel, or what was said about a task',
  description:
    'Read a channel, or messages by a filter. The newest page is shown first; the next page goes back in time.',
  args: { channel: optional('the channel; may be left out with a filter') },
  flags: {
    ...filters,
    ...pagingFlags,
    after: text('cursor', "only newer messages than a page's previousCursor (a channel without filters)"),
  },
  examples: [
    ['a channel', 'messages history predictions'],
    ['everything about a task, wherever it was said', 'messages history --task demo-task-3'],
    ['questions to an agent in the last day', 'messages history --to mira --type question --since 24h'],
  ],
  run: (call) => {
    const { channel } = call.args
    const { after, ...values } = call.flags
    const filter = fieldsOf(filters, values)
    const isFiltered = Object.keys(filter).length > 0
    if (channel === undefined && !isFiltered) {
      throw new UsageError('name a channel, or give a filter such as --task or --from')
    }
    if (after !== undefined && values.all) throw new UsageError('--after and --all exclude each other')
    if (after !== undefined && (isFiltered || channel === undefined)) {
      throw new UsageError('--after goes with a channel alone, without filters')
    }
    return call.withStore('existing', async (store) => {
      const ids = await withWholeIds(store, filter)
      const whole = { ...ids, ...(channel === undefined ? {} : { channel }) } as MessageFilter
      const page =
        channel !== undefined && !isFiltered
          ? await readPage<Message, MessagePage>(values, (part) => channelPage(store, channel, part, after))
          : await readPage(values, (part) => store.messages.query(whole, part))
      const total = after === undefined ? await store.messages.count(whole) : null
      const send = commandLine(call.screen, ['messages', 'send', '--help', ...sameDatabase(call.global)])
      return listOutcome<Message>(call, {
        page,
        total,
        noun: 'message',
        heading: channel === undefined ? undefined : `#${printableLine(channel)}`,
        empty: isFiltered
          ? 'No message matches; leave out a filter to see more.'
          : `There are no messages${after === undefined ? '' : ' after that one'} in #${printableLine(channel ?? '')}. To send one: ${send}`,
        toJson: messageJson,
        show: (messages, screen) =>
          messageLines(screen, [...messages].reverse(), { channel: channel === undefined }),
        more: 'previousCursor' in page ? { previousCursor: page.previousCursor } : {},
      })
    })
  },
})

/** A page of a channel; its cursors work in both directions. */
function channelPage(
  store: Store,
  channel: string,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | undefined },
  after: string | undefined,
) {
  return store.messages.history(channel, { limit, before: cursor, after })
}
