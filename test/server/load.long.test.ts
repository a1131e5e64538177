// Many clients at once, on every engine: 200 connections that read and write, 1,000 that listen, and
// what they see while the database is away. PURSER_LOAD_SECONDS=60 is the long run, of which
// docs/operations.md has the numbers; PURSER_AWAY_SECONDS=30 that of the lost database.

import { Agent, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { newTask } from '../../src/conformance/support/samples.ts'
import { openStore } from '../../src/index.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import { scratchFile } from '../support/scratch.ts'
import { type Served, served } from '../support/server/served.ts'
import { tcpProxy } from '../support/server/tcp-proxy.ts'

const SECONDS = Number(process.env.PURSER_LOAD_SECONDS ?? 4)
const AWAY = Number(process.env.PURSER_AWAY_SECONDS ?? 3)
/** What is said of speed and memory holds for a run that lasts, on a machine that does nothing else. */
const IS_LONG = SECONDS >= 30
const CLIENTS = 200
const LISTENERS = 1000
const MIB = 1_048_576

interface Received {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** One connection that is used again and again. */
class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #port: number

  constructor(port: number) {
    this.#port = port
  }

  ask(method: string, path: string, given?: object, headers: Record<string, string> = {}): Promise<Received> {
    const body = given === undefined ? undefined : JSON.stringify(given)
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          agent: this.#agent,
          host: '127.0.0.1',
          port: this.#port,
          method,
          path,
          headers: {
            ...headers,
            ...(body === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          },
        },
        (incoming) => {
          let text = ''
          incoming.setEncoding('utf8').on('data', (piece) => {
            text += piece
          })
          incoming.on('error', reject)
          incoming.on('end', () =>
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }),
          )
        },
      )
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  end(): void {
    this.#agent.destroy()
  }
}

function percentile(sorted: readonly number[], share: number): number {
  return Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) * 10) / 10
}

/** The median of some numbers. */
function middle(numbers: readonly number[]): number {
  return percentile(
    numbers.toSorted((a, b) => a - b),
    0.5,
  )
}

async function load(server: Served, name: string): Promise<void> {
  const times = { read: [] as number[], write: [] as number[] }
  let slowest = { what: '', milliseconds: 0 }
  const errors = new Map<string, number>()
  const memory: number[] = []
  const heap: number[] = []
  // Connected before: a busy process accepts one connection at a time.
  const clients = Array.from({ length: CLIENTS }, () => new Client(server.port))
  await Promise.all(clients.map((client) => client.ask('GET', '/healthz')))
  const until = performance.now() + SECONDS * 1000
  const work = async (client: Client, number: number) => {
    const timed = async (kind: 'read' | 'write', ...given: Parameters<Client['ask']>) => {
      const started = performance.now()
      let answer = await client.ask(...given)
      // A machine that does much else may be too slow for so many: it says so, and when to come back.
      for (let again = 0; !IS_LONG && again < 5 && answer.headers['retry-after']; again += 1) {
        await delay(1000)
        answer = await client.ask(...given)
      }
      const milliseconds = performance.now() - started
      times[kind].push(milliseconds)
      if (milliseconds > slowest.milliseconds) slowest = { what: `${given[0]} ${given[1]}`, milliseconds }
      if (answer.status < 300) return answer
      const what = `${given[0]} ${given[1].replace(/c\d+-\d+/, '{id}')} ${answer.status} ${answer.body.slice(0, 200)}`
      errors.set(what, (errors.get(what) ?? 0) + 1)
      return answer
    }
    for (let turn = 0; performance.now() < until; turn += 1) {
      const id = `c${number}-${turn}`
      const path = `/v1/tasks/${id}`
      const made = await timed('write', 'POST', '/v1/tasks', newTask({ id, project: `p-${number % 20}` }))
      await timed('read', 'GET', path)
      const version = { 'if-match': made.headers.etag ?? '' }
      await timed('write', 'PATCH', path, { title: 'Changed' }, version)
      await timed('read', 'GET', `/v1/tasks?project=p-${number % 20}&limit=20`)
      await timed('read', 'GET', path)
      const call = {
        agentId: `a-${number}`,
        provider: 'p',
        model: 'm',
        inputTokens: 9,
        outputTokens: 1,
        cost: '0.01',
      }
      await timed('write', 'POST', '/v1/costs', { ...call, taskId: id })
      await timed('read', 'GET', '/v1/costs/report?by=model')
      await timed('read', 'GET', '/v1/me')
    }
    client.end()
  }
  let isOver = false
  const watch = async () => {
    while (!isOver) {
      await delay(Math.min(1000, SECONDS * 100))
      const { rss, heapUsed } = await server.memory()
      memory.push(rss)
      heap.push(heapUsed)
    }
  }
  const watching = watch()
  await Promise.all(clients.map(work))
  isOver = true
  await watching
  const [reads, writes] = [times.read, times.write].map((each) => each.toSorted((a, b) => a - b)) as [
    number[],
    number[],
  ]
  // The first third warms up.
  const third = Math.floor(memory.length / 3)
  const before = middle(memory.slice(third, 2 * third)) / MIB
  const after = middle(memory.slice(2 * third)) / MIB
  console.log(
    `${name}: ${CLIENTS} connections for ${SECONDS} s: ${Math.round((reads.length + writes.length) / SECONDS)} requests/s; ` +
      `reads p50 ${percentile(reads, 0.5)} p99 ${percentile(reads, 0.99)} ms, writes p50 ${percentile(writes, 0.5)} p99 ${percentile(writes, 0.99)} ms; ` +
      `slowest ${Math.round(slowest.milliseconds)} ms (${slowest.what}); memory ${Math.round(before)} → ${Math.round(after)} MiB, heap ${Math.round(middle(heap.slice(third, 2 * third)) / MIB)} → ${Math.round(middle(heap.slice(2 * third)) / MIB)} MiB`,
  )
  expect([...errors]).toEqual([])
  expect(reads.length).toBeGreaterThanOrEqual(CLIENTS)
  if (!IS_LONG) return
  expect(after, `memory was ${memory.map((bytes) => Math.round(bytes / MIB)).join(' ')}`).toBeLessThan(
    before * 1.25 + 24,
  )
}

function suite(place: () => Promise<string>, name: string): void {
  test(`${CLIENTS} connections that read and write`, async () => {
    const url = await place()
    await (await openStore(url)).close()
    const server = await served(url)
    await load(server, name)
    expect(await server.stop()).toBe('')
  })
}

describe('load on SQLite', () => {
  suite(async () => `sqlite:${scratchFile()}`, 'SQLite')

  test(`${LISTENERS} idle listeners`, async () => {
    const url = `sqlite:${scratchFile()}`
    const store = await openStore(url)
    const server = await served(url)
    const before = await server.memory()
    let heard = 0
    const open = async () => {
      const socket = connect(server.port, '127.0.0.1')
      let text = ''
      const ready = Promise.withResolvers<void>()
      socket.on('data', (piece) => {
        text += piece
        if (text.includes('event: ready')) ready.resolve()
        if (!text.includes('event: commit')) return
        text = ''
        heard += 1
      })
      socket.write('GET /v1/changes HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n')
      await ready.promise
      return socket
    }
    const sockets: Socket[] = []
    while (sockets.length < LISTENERS) sockets.push(...(await Promise.all(Array.from({ length: 20 }, open))))
    await delay(1000)
    const after = await server.memory()
    console.log(
      `${LISTENERS} idle listeners: ${Math.round(after.rss / MIB)} MiB, before ${Math.round(before.rss / MIB)} MiB`,
    )
    // The process has the sources and the tests' tools in its memory, not the package as it is built.
    expect((after.rss - before.rss) / MIB).toBeLessThan(100)
    await store.tasks.create(newTask())
    await expect.poll(() => heard, { timeout: 30_000 }).toBe(LISTENERS)
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toContain(`purser_feed_listeners ${LISTENERS}\n`)
    for (const socket of sockets) socket.destroy()
    expect(await server.stop()).toBe('')
    await store.close()
  })
})

describeOnServers('load', (places, name) => {
  suite(async () => places.urlOf(await places.create()), name)

  test(`a database that is away for ${AWAY} s`, async () => {
    const direct = new URL(places.urlOf(await places.create()))
    await (await openStore(direct.href)).close()
    const proxy = await tcpProxy(Number(direct.port || (places.engine === 'postgres' ? 5432 : 3306)))
    direct.port = String(proxy.port)
    direct.hostname = '127.0.0.1'
    const server = await served(direct.href)
    const statuses = new Map<string, number>()
    let isOver = false
    let lateUntil = 0
    const work = async () => {
      const client = new Client(server.port)
      while (!isOver) {
        const { status, headers, body } = await client.ask('GET', '/v1/tasks?limit=5')
        const { code = 'none' } = JSON.parse(body)
        const key = `${status} ${code} ${headers['retry-after'] ?? '-'}`
        statuses.set(key, (statuses.get(key) ?? 0) + 1)
        if (status !== 200) lateUntil = performance.now()
        if (status !== 200) await delay(100)
      }
      client.end()
    }
    const working = Promise.all(Array.from({ length: CLIENTS }, work))
    await delay(1000)
    expect([...statuses.keys()]).toEqual(['200 none -'])
    await proxy.cut()
    await delay(500)
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    await delay(AWAY * 1000)
    await proxy.restore()
    const restored = performance.now()
    await delay(6000)
    isOver = true
    await working
    console.log(
      `${name}: away for ${AWAY} s: ${JSON.stringify(Object.fromEntries(statuses))}; the last refusal ${Math.round(lateUntil - restored)} ms after its return`,
    )
    const refused = [...statuses.keys()].filter((key) => !key.startsWith('200'))
    expect(refused.length).toBeGreaterThan(0)
    for (const key of refused) expect(key).toMatch(/^503 (CONNECTION_FAILED|TIMEOUT) \d+$/)
    expect(lateUntil - restored).toBeLessThan(5000)
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    expect(await server.stop()).toBe('')
  })
})
