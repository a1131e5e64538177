// Messages that have every word of a text, the newest first, with the words marked.

import { usePages } from '../../api/queries.ts'
import type { Message } from '../../api/records.ts'
import { MessageView } from '../../parts/message.tsx'
import { More } from '../../parts/more.tsx'
import { Empty, Failure, Panel, Waiting } from '../../parts/panel.tsx'

/** The words of a text as the search takes them. */
export function wordsOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
}

export function Found({ text, channel = '' }: { readonly text: string; readonly channel?: string }) {
  const words = wordsOf(text)
  const { items, list } = usePages<Message>('/messages/search', {
    query: { text, channel, limit: 30 },
    records: ['message'],
    enabled: words.length > 0,
  })
  return (
    <Panel
      title={channel === '' ? 'Messages' : `Messages in #${channel}`}
      beside={`with ${words.join(' and ')}`}
    >
      {list.error && <Failure problem={list.error} again={() => void list.refetch()} />}
      {list.isLoading && <Waiting />}
      {!list.isLoading && items.length === 0 && (
        <Empty title="Nothing has all of these words" then="Whole words are found, in any case." />
      )}
      {items.map((message) => (
        <MessageView key={message.id} message={message} withChannel marked={words} />
      ))}
      <More list={list} />
    </Panel>
  )
}
