// `purser messages send`: one message on a channel.

import type { NewMessage } from '../../../index.ts'
import { attachmentTypes, messagePriorities, messageTypes } from '../../../records/messages/enums.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { checkNew } from '../../flags/check-fields.ts'
import {
  type FlagValues,
  fieldsOf,
  pairs,
  text,
  time,
  toggle,
  under,
  whole,
  word,
} from '../../flags/flags.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { textOrStdin } from '../../run/stdin.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { printableLine } from '../../screen/text.ts'
import { messageJson } from './view.ts'

const needed = under('Needed:', {
  from: text('agent', 'who says it (default: --actor)', { field: 'sender' }),
  to: text('agent', 'to whom', { field: 'to' }),
  channel: text('name', 'on which channel', { field: 'channel' }),
  type: word(messageTypes, 'what kind of message it is', { field: 'type' }),
  content: text('text', 'what is said; - reads it from standard input', { field: 'content' }),
})

const optional = under('Optional:', {
  priority: word(messagePriorities, 'default normal', { field: 'priority' }),
  attach: pairs(
    attachmentTypes,
    'type:ref',
    `something that goes with it; types: ${attachmentTypes.join(', ')}`,
  ),
  timestamp: time('when it was said (default: now)', { field: 'timestamp' }),
  id: text('id', 'its id (default: a new ULID)', { field: 'id' }),
  idempotent: toggle('with --id: the same message again is no error, and writes nothing'),
})

/** These become the message's metadata. */
const about = under('About:', {
  task: text('id', 'the task it is about', { field: 'taskId' }),
  plan: text('id', 'the plan it is about (default: its task’s)', { field: 'planId' }),
  project: text('name', 'the project it is about (default: its task’s)', { field: 'projectId' }),
  tokensUsed: whole('n', 'tokens that making it took', { field: 'tokensUsed' }),
  costUsd: text('amount', 'what making it cost, in USD', { field: 'costUsd' }),
})

const own = { ...needed, ...optional }

function inputOf(flags: FlagValues<typeof own>, actor: string | undefined): Record<string, unknown> {
  return {
    sender: actor,
    ...fieldsOf(own, flags),
    ...(flags.attach.length > 0
      ? { attachments: flags.attach.map(({ type, text: ref }) => ({ type, ref })) }
      : {}),
  }
}

export const sendMessage = defineChange({
  name: 'send',
  summary: 'send a message on a channel',
  flags: { ...own, ...about },
  examples: [
    [
      'a message',
      'messages send --from mira --to otto --channel predictions --type question --content "How far is the cache?"',
    ],
    [
      'about a task, with the text from a file',
      'messages send --from otto --to mira --channel predictions --type status_report --task demo-task-3 --content - < report.md',
    ],
  ],
  actsAs: '--from',
  validate: ({ flags, actor }) => {
    const metadata = fieldsOf(about, flags)
    return checkNew(({ messageDefinition }) => messageDefinition, {
      ...inputOf(flags, actor),
      ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
    })
  },
  run: async (call) => {
    const { flags } = call
    const content = await textOrStdin('--content', flags.content)
    const input = inputOf({ ...flags, content }, call.actor)
    return call.withStore('create', async (store) => {
      const { idempotent } = flags
      const metadata = await withWholeIds(store, fieldsOf(about, flags))
      const { from } = flags
      const acting = call.acting(store, from === undefined ? undefined : { name: from, origin: '--from' })
      const message = await acting.messages.append(
        { ...input, ...(Object.keys(metadata).length > 0 ? { metadata } : {}) } as unknown as NewMessage,
        { idempotent },
      )
      const id = printableLine(message.id)
      const history = ['messages', 'history', message.channel, ...sameDatabase(call.global)]
      return {
        data: messageJson(message),
        show: (screen) =>
          screen.quiet
            ? id
            : `Sent ${screen.paint.bold(id)} on #${printableLine(message.channel)}\n  ${screen.paint.dim(commandLine(screen, history))}`,
      }
    })
  },
})
