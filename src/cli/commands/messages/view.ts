// The display of messages: who said what to whom and when, with the text below, truncated if long.

import type { Message } from '../../../index.ts'
import type { Screen } from '../../screen/screen.ts'
import { grouped, printable, printableLine, words, wrap } from '../../screen/text.ts'

/** Lines of one message that are shown without --verbose. */
const MAX_LINES = 12
const TEXT_WIDTH = 100
const INDENT = '  '

/** The JSON form, in which `from` is the sender's key. */
export function messageJson(message: Message): unknown {
  const { id, timestamp, sender, ...rest } = message
  return { id, timestamp, from: sender, ...rest }
}

export interface MessageLook {
  /** Show the channel of each message. */
  readonly channel: boolean
  /** Words to highlight in the text. */
  readonly marked?: readonly string[]
}

/** The lines of messages in the order given, with an empty line between two. */
export function messageLines(
  screen: Screen,
  messages: readonly Message[],
  look: MessageLook,
): readonly string[] {
  return messages.flatMap((message, index) => [
    ...(index === 0 ? [] : ['']),
    headLine(screen, message, look),
    ...textLines(screen, message).map((line) => INDENT + mark(screen, line, look.marked ?? [])),
  ])
}

function headLine(screen: Screen, message: Message, look: MessageLook): string {
  const { paint } = screen
  const { taskId, planId } = message.metadata
  const details = [
    screen.time(message.timestamp),
    ...(look.channel ? [`#${printableLine(message.channel)}`] : []),
    words(message.type),
    ...(message.priority === 'normal' ? [] : [message.priority]),
    ...(taskId === null ? [] : [`task ${printableLine(taskId)}`]),
    ...(planId === null ? [] : [`plan ${printableLine(planId)}`]),
    ...(screen.verbose ? [printableLine(message.id)] : []),
  ]
  const names = `${paint.bold(printableLine(message.sender))} → ${printableLine(message.to)}`
  return `${names}  ${paint.dim(details.join(' · '))}`
}

function textLines(screen: Screen, message: Message): readonly string[] {
  const width = Math.min(TEXT_WIDTH, screen.width) - INDENT.length
  const lines = wrap(printable(message.content), width)
  const attached = message.attachments.map(({ type, ref }) =>
    screen.paint.dim(`+ ${type}: ${printableLine(ref)}`),
  )
  if (screen.verbose || lines.length <= MAX_LINES) return [...lines, ...attached]
  const left = `… ${grouped(lines.length - MAX_LINES)} more lines; --verbose shows them`
  return [...lines.slice(0, MAX_LINES), screen.paint.dim(left), ...attached]
}

/** Highlights whole words, in any case. */
function mark(screen: Screen, line: string, marked: readonly string[]): string {
  if (marked.length === 0) return line
  const wanted = new Set(marked.map((word) => word.toLowerCase()))
  return line.replaceAll(/[\p{L}\p{N}\p{M}\p{Co}]+/gu, (word) =>
    wanted.has(word.toLowerCase()) ? screen.paint.inverse(word) : word,
  )
}
