// What was said in a channel, or about a task or plan, the newest first, with a line where reading
// ended the last time.

import { Fragment } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { usePages } from '../../api/queries.ts'
import type { Message } from '../../api/records.ts'
import { MessageView } from '../../parts/message.tsx'
import { More } from '../../parts/more.tsx'
import { NamedPlan, NamedTask } from '../../parts/named.tsx'
import { Empty, Failure, Panel, Waiting } from '../../parts/panel.tsx'
import { markRead, readUntil } from './reading.ts'

interface ConversationProps {
  readonly channel: string
  readonly taskId: string
  readonly planId: string
}

export function Conversation({ channel, taskId, planId }: ConversationProps) {
  const { items, list } = usePages<Message>('/messages', {
    query: { channel, taskId, planId, limit: 50 },
    records: ['message'],
  })
  // Where reading ended before this look at the channel.
  const [until] = useState(() => readUntil(channel))
  const newest = items[0]?.timestamp
  useEffect(() => {
    if (channel !== '' && newest !== undefined) markRead(channel, newest)
  }, [channel, newest])
  const firstRead = until === '' ? -1 : items.findIndex(({ timestamp }) => timestamp <= until)
  const about =
    taskId !== '' ? <NamedTask id={taskId} /> : planId !== '' ? <NamedPlan id={planId} /> : undefined
  return (
    <Panel
      title={channel === '' ? 'Thread' : `#${channel}`}
      {...(about && { beside: <span>about {about}</span> })}
    >
      {list.error && <Failure problem={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Waiting lines={6} />}
      {list.isSuccess && items.length === 0 && (
        <Empty title="Nothing was said here" then="Choose a channel at the side." />
      )}
      {items.map((message, index) => (
        <Fragment key={message.id}>
          {index === firstRead && index > 0 && <div class="unread-line">New above</div>}
          <MessageView message={message} withChannel={channel === ''} />
        </Fragment>
      ))}
      <More list={list} />
    </Panel>
  )
}
