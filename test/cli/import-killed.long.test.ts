// `purser import` of many records goes on where it was cut off: killed, interrupted, or without its
// server.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { type ImportReport, openStore } from '../../src/index.ts'
import { manyMessages } from '../support/cli/many-messages.ts'
import { environment, program, workspace } from '../support/cli/purser.ts'
import { describeOnEngines, freshUrl, isThere } from '../support/fresh-url.ts'
import { recordLinesOf } from '../support/transfer/files.ts'

async function linesIn(url: string): Promise<readonly string[]> {
  await using store = await openStore(url)
  return await recordLinesOf(store)
}

const linesOf = (text: string) => text.trimEnd().split('\n')

describeOnEngines('import into a database', (engine) => {
  test('goes on where it was killed, and ends in the same', { timeout: 300_000 }, async () => {
    const { done, path, folder } = workspace()
    await manyMessages(path('from.db'), 40_000)
    await done(['export', '--url', 'sqlite:from.db', '--out', 'all.jsonl'])
    const url = await freshUrl(engine)
    await done(['migrate', '--url', url])
    for (const [index, signal] of (['SIGKILL', 'SIGINT', 'SIGTERM'] as const).entries()) {
      const { code, stderr } = await stopped(folder, url, path('all.jsonl'), (index + 1) / 4, signal)
      if (signal === 'SIGKILL') continue
      expect([code, stderr]).toEqual([
        signal === 'SIGINT' ? 130 : 143,
        expect.stringMatching(
          /interrupted: [\d,]+ records? (is|are) stored; the same command goes on from there/,
        ),
      ])
    }
    const { data } = (await done(['import', 'all.jsonl', '--url', url, '--json'])).json<ImportReport>()
    expect(data.unchanged).toBeGreaterThan(0)
    expect(data.stored).toBeGreaterThan(0)
    expect(await linesIn(url)).toEqual(linesOf(readFileSync(path('all.jsonl'), 'utf8')).slice(1, -1))
  })
})

test.runIf(isThere('postgres'))(
  'says so when the server goes away, and goes on when it is back',
  async () => {
    const { done, path, folder } = workspace()
    await manyMessages(path('from.db'), 30_000)
    await done(['export', '--url', 'sqlite:from.db', '--out', 'all.jsonl'])
    const url = await freshUrl('postgres')
    await done(['migrate', '--url', url])
    const relay = await startRelay(url)
    const child = spawn(
      process.execPath,
      [program, 'import', 'all.jsonl', '--url', relay.url, '--no-color'],
      {
        cwd: folder,
        env: environment(),
      },
    )
    let stderr = ''
    child.stderr.on('data', (text) => {
      stderr += String(text)
    })
    while ((await countIn(url)) === 0) await new Promise((next) => setTimeout(next, 50))
    await relay.stop()
    const [code] = await once(child, 'close')
    expect(code).toBe(1)
    expect(stderr).toMatch(/[\d,]+ records are stored; the same command goes on from there/)
    expect(stderr).toMatch(/purser: .*(server|connection|reached)/)
    await done(['import', 'all.jsonl', '--url', url])
    expect(await countIn(url)).toBe(30_000)
  },
)

/**
 * Starts an import from a pipe that gives a part of the file and then nothing, and ends it with a
 * signal once it has stored more.
 */
async function stopped(folder: string, url: string, file: string, share: number, signal: NodeJS.Signals) {
  const child = spawn(process.execPath, [program, 'import', '-', '--url', url, '--no-color'], {
    cwd: folder,
    env: environment(),
  })
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += String(text)
  })
  child.stdin.on('error', () => undefined)
  const before = await settledCount(url)
  const bytes = readFileSync(file)
  child.stdin.write(bytes.subarray(0, Math.floor(bytes.length * share)))
  while ((await countIn(url)) === before) await new Promise((next) => setTimeout(next, 50))
  child.kill(signal)
  const [code] = await once(child, 'close')
  return { code, stderr }
}

/** A server may still commit what a process gave it that was killed. */
async function settledCount(url: string): Promise<number> {
  for (let count = await countIn(url); ; ) {
    await new Promise((next) => setTimeout(next, 300))
    const later = await countIn(url)
    if (later === count) return count
    count = later
  }
}

async function countIn(url: string): Promise<number> {
  await using store = await openStore({ url, migrate: 'check' })
  return await store.messages.count()
}

/** Stands between the program and a server, until it is stopped. */
async function startRelay(url: string) {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect({ host: target.hostname, port: Number(target.port || 5432) })
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    near.pipe(far).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const through = new URL(url)
  through.host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  return {
    url: String(through),
    stop: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
