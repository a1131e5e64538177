// Names of the store in completions: what `purser complete -- WORD…` offers, which the scripts of
// shells ask.

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { environment, program, workspace } from '../support/cli/purser.ts'
import { tracer } from '../support/cli/tracer.ts'
import { describeOnEngines, freshUrl } from '../support/fresh-url.ts'

type Done = ReturnType<typeof workspace>['done']

async function offered(done: Done, line: string, env: Readonly<Record<string, string>> = {}, fresh = false) {
  const { stdout, stderr } = await done(['complete', '--', ...line.split(' ')], { env, fresh })
  expect(stderr).toBe('')
  return stdout.split('\n').slice(0, -1)
}

describe('U21: names of the store are completed', () => {
  test('ids, names, projects, agents and channels, as arguments and of flags', async () => {
    const { done, folder, path } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const ask = (line: string) => offered(done, line)
    expect(await ask('tasks show demo-task-')).toHaveLength(8)
    expect(await ask('tasks show demo-task-3')).toEqual(['demo-task-3'])
    expect(await ask('tasks create --parent demo-task-8')).toEqual(['demo-task-8'])
    expect(await ask('plans tree demo/')).toEqual(['demo/tide-service'])
    expect(await ask('plans start 01K0TDE0000000000000000009')).toEqual(['01K0TDE0000000000000000009'])
    expect(await ask('tasks list --project t')).toEqual(['tide-api', 'tide-import', 'tide-web'])
    expect(await ask('tasks list -n 5 --assigned-to o')).toEqual(['otto'])
    expect(await ask('tasks transition demo-task-3 in_review --actor j')).toEqual(['june'])
    expect(await ask('messages history ')).toContain('predictions')
    expect(await ask('actions show d')).toEqual(['demo/build', 'demo/deliver', 'demo/research'])
    expect(await ask('profiles show d')).toEqual(['demo/careful'])
    expect(await ask('tasks show nothing')).toEqual([])
    expect(await ask('tasks create --title x')).toEqual([])
    expect(await ask('tasks show -')).toContain('--url')

    mkdirSync(path('elsewhere'))
    const other = workspace(path('elsewhere'))
    const url = `sqlite:${folder}/purser.db`
    expect(await offered(other.done, `--url ${url} tasks show demo-task-1`)).toEqual(['demo-task-1'])
    expect(await offered(other.done, 'tasks show demo-task-1', { PURSER_URL: url })).toEqual(['demo-task-1'])
    writeFileSync(path('purser.config.json'), '{"url": "sqlite:purser.db"}')
    expect(await offered(other.done, 'tasks show demo-task-1')).toEqual(['demo-task-1'])
    await done(['migrate', '--quiet', '--tenant', 'acme'])
    expect(await offered(other.done, 'tasks show demo-task-1 --tenant acme')).toEqual([])
    expect(await offered(other.done, '--tenant acme tasks show demo')).toEqual([])
  })

  test('budgets, approvals, agents, parked runs and settings', async () => {
    const { done, path } = workspace()
    await using store = await openStore(`sqlite:${path('purser.db')}`)
    const day = { scope: 'everything', period: 'day', limit: '1' } as const
    await store.budgets.create({ name: 'daily', ...day })
    await store.budgets.create({ name: 'weekly', ...day })
    const { id } = await store.approvals.request({
      kind: 'tool:call',
      subjectType: 'tool',
      subjectId: 'shell',
    })
    await store.agents.seen('agent-7')
    await store.projects.create({ name: 'parser' })
    const parked = await store.parkedRuns.park({
      ...{ agentId: 'agent-7', format: 'test/state@1' },
      state: new Uint8Array([1]),
    })
    await store.settings.set('local/theme', 'dark')
    const ask = (line: string) => offered(done, line)
    expect(await ask('settings get local/')).toEqual(['local/theme'])
    expect(await ask('budgets show d')).toEqual(['daily'])
    expect(await ask('budgets set w')).toEqual(['weekly'])
    expect(await ask('budgets remove ')).toEqual(['daily', 'weekly'])
    for (const verb of ['show', 'approve', 'reject', 'withdraw', 'wait'])
      expect(await ask(`approvals ${verb} ${id.slice(0, 8)}`), verb).toEqual([id])
    expect(await ask('agents show a')).toEqual(['agent-7'])
    for (const words of ['projects show p', 'tasks list --project p'])
      expect(await ask(words), words).toEqual(['parser'])
    expect(await ask(`parked-runs show ${parked.id.slice(0, 8)}`)).toEqual([parked.id])
    expect(await ask('approvals show nothing')).toEqual([])
  })

  test('without loading what the look does not need', async () => {
    const { done, folder } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const words = ['--import', tracer, program, 'complete', '--', 'tasks', 'show', 'demo-task-1']
    const { stdout, stderr } = spawnSync(process.execPath, words, {
      cwd: folder,
      env: environment(),
      encoding: 'utf8',
    })
    expect(stdout).toBe('demo-task-1\n')
    expect(stderr).toContain('better-sqlite3')
    for (const heavy of ['kysely', 'zod', 'yaml', '/store.', '/versions/'])
      expect(stderr).not.toContain(heavy)
  })

  test('only what a shell takes as it is, each once, fifty of a kind at the most', async () => {
    const { done, path } = workspace()
    const store = await openStore(`sqlite:${path('purser.db')}`)
    const projects = ['plain', 'two words', "o'clock", 'a;b', 'a$b', 'ünïcode', '-dash', 'line\nbreak']
    await store.tasks.createMany(
      [...projects, ...projects, ...Array.from({ length: 60 }, (_, index) => `many-${index}`)].map(
        (project) => ({
          ...{ title: 'x', description: 'x', project, createdBy: 'a', type: 'admin' as const },
        }),
      ),
    )
    await store.close()
    expect(await offered(done, 'tasks list --project p')).toEqual(['plain'])
    expect(await offered(done, 'tasks list --project ü')).toEqual(['ünïcode'])
    for (const start of ['t', 'o', 'a', 'l'])
      expect(await offered(done, `tasks list --project ${start}`)).toEqual([])
    expect(await offered(done, 'tasks list --project many-')).toHaveLength(50)
  })

  test('nothing, silently, where there is no store, none of this layout, or one that does not answer', async () => {
    const { done, path, folder } = workspace()
    expect(await offered(done, 'tasks show d')).toEqual([])
    writeFileSync(path('purser.db'), 'no database')
    expect(await offered(done, 'tasks show d')).toEqual([])
    writeFileSync(path('purser.config.json'), '{"url": 5')
    expect(await offered(done, 'tasks show d')).toEqual([])
    expect(await offered(done, 'tasks show d', { PURSER_URL: 'nonsense' })).toEqual([])
    expect(await offered(done, `--url sqlite:${folder}/missing.db tasks show d`)).toEqual([])
    const sockets: Socket[] = []
    const silent = createServer((socket) => sockets.push(socket))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = silent.address() as { port: number }
      const url = `postgres://nobody@127.0.0.1:${port}/none`
      const started = performance.now()
      expect(await offered(done, `--url ${url} tasks show d`, {}, true)).toEqual([])
      expect(performance.now() - started).toBeLessThan(10_000)
    } finally {
      for (const socket of sockets) socket.destroy()
      silent.close()
    }
  })
})

describeOnEngines('U21: names of the store', (engine) => {
  test('are completed', async () => {
    const url = await freshUrl(engine)
    const { done } = workspace()
    await done(['demo', '--quiet', '--url', url])
    // A server that many tests keep busy may take longer than a shell waits.
    const ask = (line: string) =>
      expect.poll(() => offered(done, line, { PURSER_URL: url }), { timeout: 30_000 })
    await ask('tasks show demo-task-3').toEqual(['demo-task-3'])
    await ask('tasks list --project t').toEqual(['tide-api', 'tide-import', 'tide-web'])
    await ask('plans tree demo/').toEqual(['demo/tide-service'])
  })
})
