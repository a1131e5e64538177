// `purser messages …`

import type { Area } from '../../run/command.ts'
import { messageHistory } from './history.ts'
import { searchMessages } from './search.ts'
import { sendMessage } from './send.ts'

export const messages: Area = {
  name: 'messages',
  record: 'message',
  summary: 'what agents said to each other: history, search, send',
  commands: [messageHistory, searchMessages, sendMessage],
}
