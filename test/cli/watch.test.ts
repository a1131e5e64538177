// `purser watch`: lines as they come, until a signal or a reader that closes the pipe ends it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { newMessage, newTask } from '../../src/conformance/support/samples.ts'
import { type CommittedChanges, openStore } from '../../src/index.ts'
import { environment, program, workspace } from '../support/cli/purser.ts'

function watching(folder: string, ...words: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [program, 'watch', ...words], { cwd: folder, env: environment() })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** The lines of a process, as they come. */
function linesOf(child: ChildProcess): AsyncIterator<string> {
  if (!child.stdout) throw new Error('it has no output')
  return createInterface(child.stdout)[Symbol.asyncIterator]()
}

async function ended(child: ChildProcess): Promise<number | null> {
  const [code] = child.exitCode === null ? await once(child, 'close') : [child.exitCode]
  return code as number | null
}

describe('purser watch', () => {
  test('prints a line a record from a position on, and ends with 0 when interrupted', async () => {
    const { folder, path } = workspace()
    await using store = await openStore(`sqlite:${path('purser.db')}`)
    const after = await store.changes.head()
    const task = await store.as('ada').tasks.create(newTask())
    const child = watching(folder, '--after', after, '--record', 'tasks,message')
    const errors: string[] = []
    child.stderr?.on('data', (text: Buffer) => errors.push(String(text)))
    const lines = linesOf(child)
    expect((await lines.next()).value).toMatch(
      new RegExp(`^\\d{4}-.* UTC  ada  task created  ${task.id}  version 1$`),
    )
    await store.plans.create({ name: 'a/b', actionName: 'x', description: 'd' })
    const message = await store.messages.append(newMessage())
    expect((await lines.next()).value).toMatch(new RegExp(`  system  message created  ${message.id}$`))
    child.kill('SIGINT')
    expect(await ended(child)).toBe(0)
    expect(errors.join('')).toMatch(/^To continue from here: .*purser watch .*--after=/)
    expect((await lines.next()).done).toBe(true)
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'that heard nothing says at %s where to continue',
    async (signal) => {
      const { folder, path } = workspace()
      const open = () => openStore(`sqlite:${path('purser.db')}`)
      const before = await open()
      await before.tasks.create(newTask())
      await before.close()
      const child = watching(folder, '--json')
      const errors: string[] = []
      child.stderr?.on('data', (text: Buffer) => errors.push(String(text)))
      // Nothing else has the file open.
      await expect.poll(() => existsSync(path('purser.db-shm')), { timeout: 20_000 }).toBe(true)
      child.kill(signal)
      expect(await ended(child)).toBe(0)
      expect(errors.join('')).toMatch(/^To continue from here: .*purser watch --json --after=/)
      const [, after = ''] = /--after=(\S+)/.exec(errors.join('')) ?? []
      await using store = await open()
      expect((await store.changes.read({ after })).items).toEqual([])
      await store.tasks.create(newTask())
      expect((await store.changes.read({ after })).items).toHaveLength(1)
    },
  )

  test('--json prints a line a commit, each with its position', async () => {
    const { folder, path } = workspace()
    await using store = await openStore(`sqlite:${path('purser.db')}`)
    const after = await store.changes.head()
    await store.tasks.createMany([newTask({ id: 'one' }), newTask({ id: 'two' })])
    const child = watching(folder, '--after', after, '--json')
    const { value } = await linesOf(child).next()
    const commit = JSON.parse(value as string) as CommittedChanges
    const tasks = commit.changes.filter(({ record }) => record === 'task')
    expect(tasks.map(({ id }) => id)).toEqual(['one', 'two'])
    expect(commit.changes).toHaveLength(4)
    expect(commit.position).toBe(await store.changes.head())
    child.kill('SIGTERM')
    expect(await ended(child)).toBe(0)
  })

  test('a reader that closes the pipe ends it without an error', async () => {
    const { folder, path } = workspace()
    await using store = await openStore(`sqlite:${path('purser.db')}`)
    const after = await store.changes.head()
    await store.tasks.create(newTask())
    const child = watching(folder, '--after', after)
    await linesOf(child).next()
    child.stdout?.destroy()
    const end = ended(child)
    await store.tasks.createMany(Array.from({ length: 2000 }, (_, index) => newTask({ id: `t${index}` })))
    expect(await end).toBe(0)
  })

  test('refuses records that the feed does not cover, and positions of another database', async () => {
    const { path, purser } = workspace()
    await (await openStore(`sqlite:${path('purser.db')}`)).close()
    await using other = await openStore('sqlite::memory:')
    const record = await purser(['watch', '--record', 'rollup'])
    expect(record.code).toBe(2)
    expect(record.stderr).toContain('automation_profile')
    const position = await purser(['watch', '--after', await other.changes.head()])
    expect(position.code).not.toBe(0)
    expect(position.stderr).toContain('is no position of this database')
  })
})
