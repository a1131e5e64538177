// Bodies that are huge, and bodies that never end.

import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { serving } from '../support/server/serving.ts'

/** Writes a request head, then pieces of its body, until the server has answered or hung up. */
async function send(port: number, head: string, pieces: AsyncIterable<string>): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  let isOver = false
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text
  })
  const over = new Promise<void>((resolve) => {
    socket.on('close', () => resolve()).on('error', () => resolve())
  }).then(() => {
    isOver = true
  })
  socket.write(`POST /v1/tasks HTTP/1.1\r\nhost: localhost\r\nx-role: operator\r\n${head}\r\n\r\n`)
  for await (const piece of pieces) {
    if (isOver || answer !== '') break
    if (!socket.write(piece))
      await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), over])
  }
  await Promise.race([over, setTimeout(1000)])
  socket.destroy()
  return answer
}

async function* megabytes(count: number, form: (text: string) => string) {
  for (let index = 0; index < count; index += 1) yield form(' '.repeat(1_048_576))
}

test('a body of 100 MB is refused, said before or not', async () => {
  await using store = await openStore('sqlite::memory:')
  const { port, ask, faults } = await serving(store)
  const before = process.memoryUsage().rss
  const type = 'content-type: application/json'
  const declared = await send(
    port,
    `${type}\r\ncontent-length: 104857600`,
    megabytes(100, (text) => text),
  )
  expect(declared).toMatch(/^HTTP\/1\.1 413 [\s\S]*BODY_TOO_LARGE/)
  const chunked = await send(
    port,
    `${type}\r\ntransfer-encoding: chunked`,
    megabytes(100, (text) => `100000\r\n${text}\r\n`),
  )
  expect(chunked).toMatch(/^HTTP\/1\.1 413 [\s\S]*BODY_TOO_LARGE/)
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1_048_576)
  expect((await ask('GET', '/v1/me')).status).toBe(200)
  expect(faults).toEqual([])
})

test('a body of a byte a second is cut', { timeout: 60_000 }, async () => {
  await using store = await openStore('sqlite::memory:')
  const { port, ask, faults } = await serving(store)
  async function* slowly() {
    for (let second = 0; second < 50; second += 1) {
      yield ' '
      await setTimeout(1000)
    }
  }
  const start = Date.now()
  const answer = await send(port, 'content-type: application/json\r\ncontent-length: 1000', slowly())
  expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/)
  expect(Date.now() - start).toBeLessThan(40_000)
  expect((await ask('GET', '/v1/me')).status).toBe(200)
  expect(faults).toEqual([])
})
