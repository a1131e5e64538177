// One message: who said it to whom, what, and about what.

import type { ComponentChildren } from 'preact'
import { Link } from 'wouter-preact'
import type { Message } from '../api/records.ts'
import { PlanLink, TaskLink } from './links.tsx'
import { Time } from './time.tsx'
import { spaced } from './words.ts'

interface MessageViewProps {
  readonly message: Message
  readonly withChannel?: boolean
  /** Words to mark in the content. */
  readonly marked?: readonly string[]
}

export function MessageView({ message, withChannel = false, marked = [] }: MessageViewProps) {
  const { sender, to, channel, type, priority, content, timestamp, metadata, attachments } = message
  return (
    <article class="message" aria-label={`${sender} to ${to}`}>
      <span class="face" aria-hidden="true">
        {sender.slice(0, 2)}
      </span>
      <header>
        <strong>{sender}</strong>
        <span class="muted">to {to}</span>
        {withChannel && <Link href={`/messages?channel=${encodeURIComponent(channel)}`}>#{channel}</Link>}
        <span class="tag">{spaced(type)}</span>
        {(priority === 'high' || priority === 'urgent') && <strong class="small">! {priority}</strong>}
        <Time at={timestamp} />
      </header>
      <p class="content">{withMarks(content, marked)}</p>
      {(metadata.taskId || metadata.planId || attachments.length > 0) && (
        <footer>
          {metadata.taskId && (
            <span>
              Task <TaskLink id={metadata.taskId} />
            </span>
          )}
          {metadata.planId && (
            <span>
              Plan <PlanLink id={metadata.planId} />
            </span>
          )}
          {attachments.map(({ type: kind, ref }) => (
            <span key={ref} class="muted">
              {kind} {ref}
            </span>
          ))}
        </footer>
      )}
    </article>
  )
}

/** The text with the words marked: whole ones, in any case, as the search finds them. */
export function withMarks(text: string, words: readonly string[]): ComponentChildren {
  const wanted = new Set(words.map((word) => word.toLocaleLowerCase()))
  if (wanted.size === 0) return text
  return text
    .split(/([\p{L}\p{N}\p{M}]+)/u)
    .map((part, index) => (wanted.has(part.toLocaleLowerCase()) ? <mark key={index}>{part}</mark> : part))
}
