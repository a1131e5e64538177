// Messages: channels at the side, what was said in one, or about a task or plan; a search with its
// words marked. How far a channel was read is kept in this browser.

import { useSearchParams } from 'wouter-preact'
import { SearchField } from '../../parts/fields.tsx'
import { PageFrame } from '../../parts/page.tsx'
import { useParam } from '../../parts/params.ts'
import { Channels, useChannels } from './channels.tsx'
import { Conversation } from './conversation.tsx'
import { Found } from './found.tsx'

export default function Messages() {
  const [params] = useSearchParams()
  const [text, setText] = useParam('q')
  const channels = useChannels()
  const about = params.get('taskId') ?? params.get('planId')
  const channel = params.get('channel') ?? (about === null ? (channels.data?.[0]?.name ?? '') : '')
  return (
    <PageFrame
      title="Messages"
      actions={
        <div class="filters">
          <SearchField label="Search what was said" value={text} onChange={setText} />
        </div>
      }
    >
      <div class="talk">
        <Channels channels={channels} current={channel} />
        {text !== '' ? (
          <Found text={text} channel={params.get('channel') ?? ''} />
        ) : (
          <Conversation
            key={channel}
            channel={channel}
            taskId={params.get('taskId') ?? ''}
            planId={params.get('planId') ?? ''}
          />
        )}
      </div>
    </PageFrame>
  )
}
