// `purser messages search`: messages that contain every word, newest first.

import type { Message } from '../../../index.ts'
import { text } from '../../flags/flags.ts'
import { listOutcome, orderedPaging, readPage } from '../../flags/listing.ts'
import { defineCommand, required } from '../../run/command.ts'
import { messageJson, messageLines } from './view.ts'

export const searchMessages = defineCommand({
  name: 'search',
  summary: 'find messages by their words',
  description: 'Find messages that have every one of some words, whole and in any case; newest first.',
  args: { text: required('the words') },
  flags: { channel: text('name', 'only in this channel'), ...orderedPaging('newest') },
  examples: [
    ['anywhere', 'messages search "tide data"'],
    ['in one channel', 'messages search cache --channel predictions'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { channel } = call.flags
      const page = await readPage(call.flags, (part) =>
        store.messages.search(call.args.text, { channel, ...part }),
      )
      const marked = call.args.text.match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? []
      return listOutcome<Message>(call, {
        page,
        total: null,
        noun: 'message',
        empty: 'No message has all of these words. Words match whole: try fewer of them, or other forms.',
        toJson: messageJson,
        show: (messages, screen) =>
          messageLines(screen, messages, { channel: channel === undefined, marked }),
      })
    }),
})
