// U22: a server that cannot be reached is told by its address, with what to do; nothing is said of
// writes, as none was under way.

import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openStore, PersistenceConnectionError } from '../../src/index.ts'

/** A port of this machine on which nothing answers: one that was free a moment ago. */
async function refusedPort(): Promise<number> {
  const server = createServer()
  const port = await listening(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

async function refusal(url: string): Promise<PersistenceConnectionError> {
  const error = await openStore(url).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(PersistenceConnectionError)
  const refused = error as PersistenceConnectionError
  expect(refused.message).not.toMatch(/stored|secret/)
  return refused
}

describe.each(['postgres', 'mariadb'])('U22: %s', (scheme) => {
  test.each(['127.0.0.1', 'localhost'])('nothing answers on a port of %s', async (host) => {
    const port = await refusedPort()
    const error = await refusal(`${scheme}://ada:secret@${host}:${port}/agents`)
    expect(error.message).toBe(
      `${scheme}://ada@${host}:${port}/agents cannot be opened: nothing answers on ${host}:${port}; start the server, or correct host and port in the URL of the store`,
    )
    expect(error.retryable).toBe(true)
  })

  test('of several hosts each has its reason', async () => {
    const [first, second] = [await refusedPort(), await refusedPort()]
    const error = await refusal(`${scheme}://ada:secret@127.0.0.1:${first},127.0.0.1:${second}/agents`)
    expect(error.message).toMatch(/^no host of /)
    for (const port of [first, second])
      expect(error.message).toContain(`nothing answers on 127.0.0.1:${port}`)
  })

  test('a host whose name is not known', async () => {
    const error = await refusal(`${scheme}://ada:secret@no-such-host.invalid/agents`)
    expect(error.message).toMatch(/host (of the name )?no-such-host\.invalid/)
  })

  test('a socket that is not there', async () => {
    const folder = join(tmpdir(), 'purser-no-such-socket')
    const error = await refusal(`${scheme}://ada:secret@${encodeURIComponent(folder)}/agents`)
    expect(error.message).toContain(`there is no socket of a server at ${folder}`)
  })

  test('something that ends every connection', async () => {
    const server = createServer((socket) => socket.destroy())
    const port = await listening(server)
    onTestFinished(() => {
      server.close()
    })
    const error = await refusal(`${scheme}://ada:secret@127.0.0.1:${port}/agents`)
    expect(error.message).toContain(`127.0.0.1:${port} ended the connection while it was being opened`)
  })
})
