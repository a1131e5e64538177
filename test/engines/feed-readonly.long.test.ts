// A store that may only read: it hears of what others commit, in the same order, writes nothing for
// it, and its waits for approvals end by the feed too.

import { expect, onTestFinished, test } from 'vitest'
import { newApproval, newMessage } from '../../src/conformance/support/samples.ts'
import { createBackend, openStore } from '../../src/index.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import { onMariadb, onPostgres } from '../support/transfer/places.ts'

describeOnServers('a store that may only read', (places) => {
  /** The URL of a user who reads the place, and nothing else. */
  async function readerOf(place: string): Promise<string> {
    const user = `purser_reader_${process.pid}`
    if (places.engine === 'postgres') {
      await onPostgres(
        `CREATE ROLE "${user}" LOGIN`,
        `ALTER ROLE "${user}" SET default_transaction_read_only = on`,
        `GRANT USAGE ON SCHEMA "${place}" TO "${user}"`,
        `GRANT SELECT ON ALL TABLES IN SCHEMA "${place}" TO "${user}"`,
      )
      onTestFinished(() => onPostgres(`DROP OWNED BY "${user}"`, `DROP ROLE "${user}"`))
    } else {
      await onMariadb(
        `CREATE USER '${user}'@'%' IDENTIFIED BY 'hunter2'`,
        `GRANT SELECT ON \`${place}\`.* TO '${user}'@'%'`,
      )
      onTestFinished(() => onMariadb(`DROP USER '${user}'@'%'`))
    }
    const url = new URL(places.urlOf(place))
    url.username = user
    url.password = places.engine === 'postgres' ? '' : 'hunter2'
    return url.href
  }

  test('hears of every commit in the order that all see, and of decisions that it waits for', async () => {
    const place = await places.create()
    await using store = await openStore(places.urlOf(place))
    const reader = createBackend({ url: await readerOf(place), migrate: 'off' })
    onTestFinished(() => reader.close())
    await reader.connect()
    await expect(reader.messages.append(newMessage())).rejects.toThrow()

    const after = await reader.changes.head()
    const heard: string[] = []
    const following = (async () => {
      for await (const { changes } of reader.changes.follow({ after, records: ['message'] })) {
        heard.push(...changes.map(({ id }) => id))
        if (heard.length === 20) break
      }
    })()
    const ids = Array.from({ length: 20 }, (_, index) => `message-${index}`)
    for (const id of ids) await store.messages.append(newMessage({ id }))
    await following
    expect(heard).toEqual(ids)
    const { items } = await reader.changes.read({ after, records: ['message'], limit: 1000 })
    expect(items.flatMap(({ changes }) => changes.map(({ id }) => id))).toEqual(ids)

    const approval = await store.as('agent-7').approvals.request(newApproval())
    const waiting = reader.approvals.wait(approval.id, { timeout: 30_000 })
    await store.as('ada').approvals.approve(approval.id, undefined, approval)
    expect((await waiting).status).toBe('approved')
  })
})
