// `purser copy` of many records: its progress, and that a copy that is killed or interrupted goes on.

import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type CopyReport, openStore } from '../../src/index.ts'
import { environment, program, withoutProgress, workspace } from '../support/cli/purser.ts'
import { withDatabase } from '../support/database-content.ts'

type Report = CopyReport & { readonly from: string; readonly to: string }

const message = { sender: 'ada', to: 'bo', channel: 'deck', type: 'announcement' } as const

/** A store with so many messages. */
async function messages(path: string, count: number): Promise<void> {
  await using store = await openStore(`sqlite:${path}`)
  const content = 'x'.repeat(300)
  for (let made = 0; made < count; made += 1000) {
    await store.messages.appendMany(Array.from({ length: 1000 }, () => ({ ...message, content })))
  }
}

const countOf = (path: string) =>
  withDatabase(path, (handle) => Number(handle.prepare('SELECT count(*) FROM messages').pluck().get()))

describe('a copy that does not come to its end', () => {
  const ROWS = 30_000

  /** Starts a copy and waits until it has written something, in sets that are on disk. */
  async function started(place: ReturnType<typeof workspace>) {
    const words = ['copy', '--from', 'sqlite:books.db', '--to', 'sqlite:copy.db']
    const child = spawn(process.execPath, [program, ...words], { cwd: place.folder, env: environment() })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
    })
    const ended = new Promise<{ code: number | null; signal: string | null; stderr: string }>((resolve) =>
      child.on('close', (code, signal) => resolve({ code, signal, stderr })),
    )
    for (;;) {
      const copied = readdirSync(place.folder).includes('copy.db-wal') ? tryCount(place.path('copy.db')) : 0
      if (copied > 0) return { child, ended, copied }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** While the schema is being made there is nothing to count. */
  function tryCount(path: string): number {
    try {
      return countOf(path)
    } catch {
      return 0
    }
  }

  async function expectWhole(place: ReturnType<typeof workspace>): Promise<void> {
    const rest = await place.done(['copy', '--from', 'sqlite:books.db', '--to', 'sqlite:copy.db', '--json'])
    const { data } = rest.json<Report>()
    expect(data).toMatchObject({ ok: true, continued: true })
    expect(data.tables.find(({ table }) => table === 'messages')?.unchanged).toBeGreaterThan(0)
    expect(countOf(place.path('copy.db'))).toBe(ROWS)
    expect((await place.purser(['doctor', '--url', 'sqlite:copy.db'])).code).toBe(0)
  }

  test('that is killed goes on where it was', async () => {
    const place = workspace()
    await messages(place.path('books.db'), ROWS)
    const { child, ended } = await started(place)
    child.kill('SIGKILL')
    expect((await ended).signal).toBe('SIGKILL')
    expect(countOf(place.path('copy.db'))).toBeLessThan(ROWS)
    await expectWhole(place)
  })

  test('that is interrupted ends by itself, says so, and goes on where it was', async () => {
    const place = workspace()
    await messages(place.path('books.db'), ROWS)
    const { child, ended } = await started(place)
    child.kill('SIGINT')
    const { code, stderr } = await ended
    expect(code).toBe(130)
    expect(stderr).toContain('interrupted: what is copied stays; run the same command again to go on')
    expect(countOf(place.path('copy.db'))).toBeLessThan(ROWS)
    await expectWhole(place)
  })
})

test('shows how far it is, how fast, and how long it will take, when it takes more than a second', async () => {
  const place = workspace()
  await messages(place.path('books.db'), 40_000)
  const { stderr } = await place.done(['copy', '--from', 'sqlite:books.db', '--to', 'sqlite:copy.db'])
  // A very fast machine is done before there is anything to tell.
  expect(withoutProgress(stderr)).toBe('')
  const quiet = await place.done(['copy', '--from', 'sqlite:books.db', '--to', 'sqlite:copy.db', '--quiet'])
  expect(quiet.stderr).toBe('')
})
