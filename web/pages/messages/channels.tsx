// The channels that the newest messages are on, with how many of those are new.

import { type UseQueryResult, useQuery } from '@tanstack/preact-query'
import { Link } from 'wouter-preact'
import { get } from '../../api/client.ts'
import type { Problem } from '../../api/problem.ts'
import type { Message, Page } from '../../api/records.ts'
import { Empty, Read } from '../../parts/panel.tsx'
import { count } from '../../parts/words.ts'
import { readUntil } from './reading.ts'

/** A channel that is not among so many messages is found by its address, or by search. */
const LOOKED_AT = 1000

export interface Channel {
  readonly name: string
  /** Of the newest messages, ascending. */
  readonly times: readonly string[]
}

export function useChannels(): UseQueryResult<readonly Channel[], Problem> {
  return useQuery<readonly Channel[], Problem>({
    queryKey: ['channels'],
    queryFn: async ({ signal }) => {
      const { items } = await get<Page<Message>>('/messages', { limit: LOOKED_AT }, signal)
      const channels = new Map<string, string[]>()
      for (const { channel, timestamp } of items) {
        const times = channels.get(channel)
        if (times) times.push(timestamp)
        else channels.set(channel, [timestamp])
      }
      return [...channels].map(([name, times]) => ({ name, times }))
    },
    meta: { records: ['message'] },
  })
}

interface ChannelsProps {
  readonly channels: UseQueryResult<readonly Channel[], Problem>
  readonly current: string
}

export function Channels({ channels, current }: ChannelsProps) {
  return (
    <nav class="panel channels" aria-label="Channels">
      <Read of={channels}>
        {(all) =>
          all.length === 0 ? (
            <Empty
              title="There are no channels"
              then="They appear with their first message."
              command="purser messages send --help"
            />
          ) : (
            <ul>
              {all.map(({ name, times }) => {
                const read = readUntil(name)
                const fresh = name === current ? 0 : times.filter((time) => time > read).length
                return (
                  <li key={name}>
                    <Link
                      href={`/messages?channel=${encodeURIComponent(name)}`}
                      data-row=""
                      {...(name === current && { 'aria-current': 'page' })}
                    >
                      #{name}
                      <span class="count" data-new={fresh > 0}>
                        {count(fresh > 0 ? fresh : times.length)}
                        {fresh > 0 && <span class="hidden"> new</span>}
                      </span>
                    </Link>
                  </li>
                )
              })}
            </ul>
          )
        }
      </Read>
    </nav>
  )
}
