// Clients that mean harm or are merely odd: slow, huge, with paths and hosts of their choice; cells
// that a spreadsheet would run; listeners that come back late.

import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { newTask } from '../../src/conformance/support/samples.ts'
import { CHANGES_TABLE } from '../../src/engines/contract/engine.ts'
import { openStore, type Store } from '../../src/index.ts'
import { internalsOf } from '../../src/store/store-internals.ts'
import { startChild } from '../support/child-process.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import { scratchFile } from '../support/scratch.ts'
import { exchange, raw } from '../support/server/raw.ts'
import { serving } from '../support/server/serving.ts'

const statusOf = (answer: string) => Number(answer.split(' ')[1])
const head = (method: string, path: string, more = '') =>
  `${method} ${path} HTTP/1.1\r\nhost: localhost\r\nx-role: operator\r\nconnection: close\r\n${more}\r\n`

async function memoryStore(): Promise<Store> {
  return openStore('sqlite::memory:')
}

test('requests that arrive a byte a second are ended, while others are answered', async () => {
  await using store = await memoryStore()
  const { port, ask } = await serving(store)
  const started = performance.now()
  const heads = Array.from({ length: 50 }, () => raw(port))
  const bodies = Array.from({ length: 50 }, () => raw(port))
  for (const { socket } of bodies) {
    socket.write(head('POST', '/v1/tasks', 'content-type: application/json\r\ncontent-length: 1000\r\n'))
  }
  const slowHead = 'GET /v1/tasks HTTP/1.1\r\nhost: localhost\r\n'
  let second = 0
  const dripping = setInterval(() => {
    for (const { socket } of heads) socket.write(slowHead[second] ?? 'x')
    for (const { socket } of bodies) socket.write('x')
    second += 1
  }, 1000)
  await delay(2000)
  const asked = performance.now()
  expect((await ask('GET', '/v1/tasks')).status).toBe(200)
  expect(performance.now() - asked).toBeLessThan(5000)
  await Promise.all(heads.map(({ closed }) => closed))
  expect((performance.now() - started) / 1000, 'seconds for a head').toBeLessThan(20)
  await Promise.all(bodies.map(({ closed }) => closed))
  expect((performance.now() - started) / 1000, 'seconds for a body').toBeLessThan(45)
  clearInterval(dripping)
  for (const { text } of [...heads, ...bodies]) expect(statusOf(text())).toBe(408)
  expect(await store.tasks.count()).toBe(0)
})

test('heads and bodies that are too large are refused', async () => {
  await using store = await memoryStore()
  const { port, ask, faults } = await serving(store)
  expect(statusOf(await exchange(port, head('GET', '/v1/tasks', `x-long: ${'x'.repeat(20_000)}\r\n`)))).toBe(
    431,
  )
  expect(statusOf(await exchange(port, head('GET', `/v1/tasks?x=${'x'.repeat(20_000)}`)))).toBe(431)
  const many = Array.from({ length: 3000 }, (_, index) => `x${index}: 1\r\n`).join('')
  expect([400, 431]).toContain(statusOf(await exchange(port, head('GET', '/v1/tasks', many))))

  const json = 'content-type: application/json\r\n'
  const declared = await exchange(port, head('POST', '/v1/tasks', `${json}content-length: 104857600\r\n`))
  expect(statusOf(declared)).toBe(413)
  const { socket, text, closed } = raw(port)
  socket.write(head('POST', '/v1/tasks', `${json}transfer-encoding: chunked\r\n`))
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
  let sent = 0
  while (!socket.destroyed && text() === '' && sent < 200) {
    socket.write(chunk)
    sent += 1
    await delay(1)
  }
  socket.end()
  await closed
  expect(statusOf(text())).toBe(413)
  expect(sent, 'pieces of 64 KiB').toBeLessThan(150)
  expect((await ask('POST', '/v1/tasks', { body: '['.repeat(20_000) + ']'.repeat(20_000) })).status).toBe(400)
  expect((await ask('GET', '/v1/tasks')).status).toBe(200)
  expect(faults).toEqual([])
})

test('what is no HTTP, or two requests in one, is refused', async () => {
  await using store = await memoryStore()
  const { port, faults } = await serving(store)
  const json = 'content-type: application/json\r\n'
  for (const bytes of [
    'GET / HTTP/9.9\r\n\r\n',
    'GET /v1/tasks\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01',
    'GET /v1/tasks HTTP/1.1\r\nconnection: close\r\n\r\n',
    'GET /v1/tasks HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n',
    head('GET', '/v1/tasks\0'),
    head('GET', '/v1/tasks', 'x: a\0b\r\n'),
    `${head('POST', '/v1/tasks', `${json}content-length: 2\r\ntransfer-encoding: chunked\r\n`)}0\r\n\r\n`,
    `${head('POST', '/v1/tasks', `${json}content-length: 2\r\ncontent-length: 3\r\n`)}{}`,
    head('POST', '/v1/tasks', `${json}content-length: -1\r\n`),
    `${head('POST', '/v1/tasks', `${json}transfer-encoding: x\r\n`)}{}`,
  ]) {
    const answer = await exchange(port, bytes)
    expect([400, 401, 403, 411, 505], JSON.stringify(bytes)).toContain(statusOf(answer))
  }
  expect(faults).toEqual([])
})

test('no path leads out of the folder of the pages, nor past the roles', async () => {
  await using store = await memoryStore()
  const { port, faults } = await serving(store, { web: 'test/support' })
  for (const path of [
    ...[
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/..%5cpackage.json',
      '/a/../../package.json',
    ],
    ...[
      '/%00package.json',
      '/children/..%2f..%2f..%2fpackage.json',
      '//package.json',
      '/\\..\\package.json',
      '/%c0%ae%c0%ae/package.json',
    ],
  ]) {
    const answer = await exchange(port, head('GET', path))
    expect(answer, path).not.toContain('devDependencies')
    expect([400, 404], path).toContain(statusOf(answer))
  }
  for (const path of [
    '/v1/../v1/tasks',
    '/x/../v1/tasks',
    '/v1/%2e/tasks',
    '//v1/tasks',
    '/V1/tasks',
    '/v1/tasks/',
    '/v1;x/tasks',
    '/v1/t/%2e%2e/tasks',
  ]) {
    const answer = await exchange(
      port,
      `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
    )
    expect([400, 401, 404], path).toContain(statusOf(answer))
  }
  const absolute = await exchange(
    port,
    'GET http://evil.example/v1/tasks HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
  )
  expect([400, 401, 403]).toContain(statusOf(absolute))
  expect(faults).toEqual([])
})

test('only hosts that are known are answered, except to probes', async () => {
  await using store = await memoryStore()
  const { port } = await serving(store, { hosts: ['purser.example'] })
  const get = (path: string, host: string) =>
    exchange(port, `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nx-role: reader\r\nconnection: close\r\n\r\n`)
  for (const host of [
    'localhost',
    '127.0.0.1',
    `localhost:${port}`,
    '[::1]:80',
    'PURSER.example',
    'purser.example:443',
  ])
    expect(statusOf(await get('/v1/tasks', host)), host).toBe(200)
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    'localhost:80:80',
    'x@localhost',
    ' ',
    'purser.example.',
    'localhost/',
  ]) {
    const status = statusOf(await get('/v1/tasks', host))
    expect([400, 403], host).toContain(status)
  }
  for (const path of ['/', '/openapi.json', '/metrics', '/sign-in?code=x'])
    expect(statusOf(await get(path, 'evil.example')), path).toBe(403)
  for (const path of ['/healthz', '/readyz'])
    expect(statusOf(await get(path, '10.0.0.7:7333')), path).toBe(200)
})

test('cells that a spreadsheet would run are text', async () => {
  await using store = await memoryStore()
  const { ask } = await serving(store)
  const cells = ['=1+1', '+1+1', '-1+1', '@SUM(1)', '\t=1', '\r=1', '=HYPERLINK("http://x","y")', '＝1+1']
  for (const [index, title] of cells.entries()) {
    await store.tasks.create(newTask({ id: `t-${index}`, title, description: title }))
  }
  const { text } = await ask('GET', '/v1/tasks', { headers: { accept: 'text/csv' } })
  for (const row of text.split('\r\n').slice(1)) {
    for (const cell of row.split(',')) expect(cell).not.toMatch(/^"?[=+@＝\t\r]|^"?-\D/)
  }
  expect(text).toContain("'=1+1")
})

interface Heard {
  readonly events: { readonly event: string; readonly id: string; readonly data: string }[]
  end(): void
}

async function listen(url: string, headers: Record<string, string> = {}, query = ''): Promise<Heard> {
  const ending = new AbortController()
  const answer = await fetch(`${url}/v1/changes${query}`, {
    headers: { 'x-role': 'reader', accept: 'text/event-stream', ...headers },
    signal: ending.signal,
  })
  expect(answer.status).toBe(200)
  const events: Heard['events'] = []
  const read = async () => {
    let text = ''
    for await (const piece of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += piece
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? ''
        if (field('event') !== '')
          events.push({ event: field('event'), id: field('id'), data: field('data') })
      }
    }
  }
  read().catch(() => undefined)
  return { events, end: () => ending.abort() }
}

function following(place: () => Promise<string>): void {
  test('a change by another process is heard within a second', async () => {
    const url = await place()
    await using store = await openStore(url)
    const { url: base } = await serving(store)
    const { events, end } = await listen(base, {}, '?records=task')
    const writer = startChild('create-tasks', [url])
    const delays: number[] = []
    for (let round = 1; round <= 5; round += 1) {
      writer.say(`round ${round}`)
      const committedAt = Number((await writer.line(`round ${round} `)).split(' ').at(-1))
      const isHeard = () => events.filter(({ event }) => event === 'commit').length
      while (isHeard() < round && Date.now() - committedAt < 10_000) await delay(5)
      expect(isHeard()).toBe(round)
      delays.push(Date.now() - committedAt)
      await delay(400)
    }
    end()
    expect(delays.toSorted((a, b) => a - b)[2], `milliseconds: ${delays.join(', ')}`).toBeLessThan(1000)
  })

  test('a listener that slept hears what it missed, or that too much is gone', async () => {
    const url = await place()
    await using store = await openStore(url)
    const { url: base, ask } = await serving(store)
    await store.tasks.create(newTask({ id: 'before' }))
    const first = await listen(base)
    await expect.poll(() => first.events.length).toBe(1)
    const { id } = first.events[0] as { readonly id: string }
    first.end()
    await store.tasks.create(newTask({ id: 'meanwhile' }))
    const second = await listen(base, { 'last-event-id': id })
    await expect.poll(() => second.events.length).toBe(2)
    expect(second.events.map(({ event }) => event)).toEqual(['ready', 'commit'])
    expect(second.events[1]?.data).toContain('"meanwhile"')
    second.end()

    // As a store trims after a week: only the newest row stays.
    await store.tasks.create(newTask())
    const { engine } = internalsOf(store)
    const last = (await engine.feed?.last()) ?? 0n
    const { sql } = engine.builder.deleteFrom(CHANGES_TABLE).where('position', '<=', 0).compile()
    await engine.writeSet([{ kind: 'execute', query: { sql, parameters: [last - 1n] } }])
    expect((await ask('GET', `/v1/changes?after=${id}`)).status).toBe(410)
    expect((await ask('GET', `/v1/changes?after=${id}`)).body).toMatchObject({ code: 'CHANGES_GONE' })
    const third = await listen(base, { 'last-event-id': id })
    await expect.poll(() => third.events.length).toBe(1)
    const [gone] = third.events
    expect(gone?.event).toBe('gone')
    await store.tasks.create(newTask({ id: 'after' }))
    await expect.poll(() => third.events.length).toBe(2)
    expect(third.events[1]?.data).toContain('"after"')
    third.end()
    const fourth = await listen(base, { 'last-event-id': gone?.id ?? '' })
    await expect.poll(() => fourth.events.length).toBe(2)
    expect(fourth.events[1]?.data).toContain('"after"')
    fourth.end()
    expect(
      (
        await ask('GET', '/v1/changes', {
          headers: { accept: 'text/event-stream', 'last-event-id': 'nonsense' },
        })
      ).status,
    ).toBe(400)
  })
}

describe('following', () => following(async () => `sqlite:${scratchFile()}`))
describeOnServers('following', (places) => following(async () => places.urlOf(await places.create())))
