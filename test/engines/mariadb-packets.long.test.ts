// A MariaDB of the test's own: 16 MiB of bytes are kept where the server is set for them, and where
// it is not, the write is refused before it is sent, says what to set, and harms no other.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WriteOutcome } from '../../src/engines/contract/engine.ts'
import { MAX_BYTES } from '../../src/records/model/rules.ts'
import { serverUrl } from '../support/engines/server-url.ts'
import { engineAt } from '../support/engines/servers.ts'
import { attachmentsOn } from '../support/records/attachments/table.ts'
import { hasMariadb, type MariadbProcess, startMariadb } from '../support/server-process.ts'

describe.skipIf(serverUrl('mariadb') === undefined || !hasMariadb)('a MariaDB', () => {
  let server: MariadbProcess
  beforeAll(async () => {
    server = await startMariadb()
    await server.query("CREATE USER app@'%'; GRANT ALL ON *.* TO app@'%'")
  }, 120_000)
  afterAll(() => server?.remove())

  const place = async (name: string) => {
    await server.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`)
    return attachmentsOn(engineAt('mariadb', `mariadb://app@127.0.0.1:${server.port}/${name}`))
  }

  test('with a max_allowed_packet of 32 MiB keeps 16 MiB of bytes', async () => {
    const { engine, insert, rows, codec } = await place('wide')
    const large = new Uint8Array(MAX_BYTES).map((_, index) => (index * 31 + (index >> 8)) % 256)
    expect(await engine.writeSet([insert('a', large)])).toEqual([{ kind: 'stored' }])
    const [row] = await rows()
    expect(Buffer.compare(codec.decode(row ?? []).content, large)).toBe(0)
  })

  test('with less refuses that write alone, names both sizes, and keeps the connection', async () => {
    await server.query('SET GLOBAL max_allowed_packet = 16777216')
    const { engine, insert, change, read } = await place('narrow')
    const few = Uint8Array.of(1, 2, 3)
    const outcomes = await engine.writeSet([
      insert('a', few),
      insert('b', new Uint8Array(MAX_BYTES)),
      insert('c', few),
    ])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['stored', 'failed', 'stored'])
    const { error } = outcomes[1] as Extract<WriteOutcome, { kind: 'failed' }>
    expect(error).toMatchObject({ code: 'QUERY_FAILED', retryable: false })
    expect(error.message).toMatch(
      /^the write has 167\d{5} bytes, and the server takes 16777216 at once; as an administrator: SET GLOBAL max_allowed_packet = 33554432/,
    )
    const [changed] = await engine.writeSet([change('a', { content: new Uint8Array(MAX_BYTES) })])
    expect(changed?.kind).toBe('failed')
    expect((await read()).map(({ id, content }) => [id, content])).toEqual([
      ['a', few],
      ['c', few],
    ])
  })
})
