// What was said about a plan or a task, across channels.

import { Link } from 'wouter-preact'
import { usePages } from '../api/queries.ts'
import type { Message } from '../api/records.ts'
import { MessageView } from './message.tsx'
import { More } from './more.tsx'
import { Empty, Failure, Panel, Waiting } from './panel.tsx'

interface ThreadPanelProps {
  readonly about: { readonly planId: string } | { readonly taskId: string }
}

export function ThreadPanel({ about }: ThreadPanelProps) {
  const { items, list } = usePages<Message>('/messages', {
    query: { ...about, limit: 20 },
    records: ['message'],
  })
  return (
    <Panel title="Messages" beside={<Link href={`/messages?${new URLSearchParams(about)}`}>Thread</Link>}>
      {list.error && <Failure problem={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Waiting />}
      {list.isSuccess && items.length === 0 && <Empty title="Nothing was said about it" />}
      {items.map((message) => (
        <MessageView key={message.id} message={message} withChannel />
      ))}
      <More list={list} />
    </Panel>
  )
}
