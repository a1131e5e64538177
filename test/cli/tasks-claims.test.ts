// `purser tasks ready`, `waiting`, `claim`, `heartbeat`, `complete`, `fail` and `release`: a shell
// script as a worker.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

async function prepared() {
  const place = workspace()
  await place.done(['migrate', '--quiet'])
  await using store = await openStore(`sqlite:${join(place.folder, 'purser.db')}`)
  const task = {
    title: 'Write it',
    description: 'd',
    project: 'web',
    createdBy: 'lead',
    type: 'design',
  } as const
  await store.tasks.create({ ...task, id: 'first', maxRetries: 5 })
  await store.tasks.create({ ...task, id: 'second', dependencies: ['first', 'gone'] })
  return place
}

test('a script claims, beats, fails, releases and completes', async () => {
  const { done, purser } = await prepared()
  expect((await done(['tasks', 'ready'])).stdout).toMatch(
    /^ID +STATUS[^\n]*\nfirst +○ created [^\n]*\n\n1 ready task\n$/,
  )
  const waiting = await purser(['tasks', 'waiting', 'second'])
  expect(waiting.code).toBe(3)
  expect(waiting.stdout).toMatch(/^ID +STATUS\nfirst +○ created\ngone +no such task\n$/)
  const [task = '', claim = ''] = (await done(['tasks', 'claim', '--agent', 'a-1', '--quiet'])).stdout
    .trim()
    .split(' ')
  expect(task).toBe('first')
  expect(claim).toMatch(/^[0-9A-Z]{26}$/)
  const none = await purser(['tasks', 'claim', '--agent', 'a-1'])
  expect({ code: none.code, stdout: none.stdout }).toEqual({ code: 3, stdout: 'No task is ready.\n' })
  const beat = await done(['tasks', 'heartbeat', task, '--claim', claim, '--lease', '10m'])
  expect(beat.stdout).toMatch(/^first is ◑ in progress, until in (9|10) min\n$/)
  const failed = await done([
    'tasks',
    'fail',
    task,
    '--claim',
    claim,
    '--error',
    'no net',
    '--retry-in',
    '0s',
    '--json',
  ])
  expect(failed.json().data).toMatchObject({ status: 'interrupted', lastError: 'no net', claimId: null })
  const again = await done([
    'tasks',
    'claim',
    '--agent',
    'a-2',
    '--json',
    '--project',
    'web',
    '--type',
    'design',
  ])
  const { items } = again.json<{ items: readonly { id: string; claimId: string; attempt: number }[] }>().data
  expect(items).toMatchObject([{ id: 'first', attempt: 2, assignedTo: 'a-2' }])
  const second = items[0]?.claimId ?? ''
  await done(['tasks', 'release', task, '--claim', second])
  const lost = await purser(['tasks', 'complete', task, '--claim', second])
  expect(lost.code).toBe(3)
  expect(lost.stderr).toMatch(/^purser: the task "first" is not in progress under the claim/)
  const third =
    (await done(['tasks', 'claim', '--agent', 'a-3', '--quiet'])).stdout.trim().split(' ')[1] ?? ''
  const completed = await done([
    ...['tasks', 'complete', task, '--claim', third, '--metadata', '{"tests":12}', '--actor', 'a-3'],
  ])
  expect(completed.stdout).toMatch(/^first is now ● completed \(a-3\) {2}it was in progress\n$/)
  const shown = await done(['tasks', 'show', task, '--json'])
  expect(JSON.stringify(shown.json().data)).toContain('"tests":12')
  expect((await purser(['tasks', 'waiting', 'second'])).stdout).not.toContain('first')
  expect(await purser(['tasks', 'waiting', 'first'])).toMatchObject({
    code: 0,
    stdout: 'first waits for no task.\n',
  })
})

test('claim waits for a task, and not longer than it is told', async () => {
  const { done, purser, folder } = await prepared()
  await done(['tasks', 'claim', '--agent', 'a-1', '--quiet'])
  const before = performance.now()
  const none = await purser(['tasks', 'claim', '--agent', 'a-1', '--wait', '300ms'])
  expect(none.code).toBe(3)
  expect(performance.now() - before).toBeGreaterThan(250)
  const claiming = purser(['tasks', 'claim', '--agent', 'a-1', '--wait', '60s', '--quiet'])
  await using store = await openStore(`sqlite:${join(folder, 'purser.db')}`)
  await store.tasks.create({
    title: 't',
    description: 'd',
    project: 'p',
    createdBy: 'lead',
    type: 'admin',
    id: 'late',
  })
  expect((await claiming).stdout).toMatch(/^late [0-9A-Z]{26}\n$/)
})

test('what makes no sense is a usage error', async () => {
  const { purser } = await prepared()
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['tasks claim', /--agent is required/],
    ['tasks claim --agent a --lease 0s', /--lease must be a time such as 90s/],
    ['tasks claim --agent a --lease 365d', /--lease must be a time such as 90s/],
    ['tasks claim --agent a --wait soon', /--wait must be a time such as 90s/],
    ['tasks claim --agent a --limit 0', /--limit must be a whole number from 1 to 1000/],
    ['tasks claim --agent a --tree', /--tree needs --plan/],
    ['tasks ready --tree', /--tree needs --plan/],
    ['tasks complete first', /--claim is required/],
    ['tasks fail first --claim x', /--error is required/],
    ['tasks heartbeat first --claim x --lease 8d', /--lease must be a time such as 90s/],
  ]
  for (const [line, message] of wrong) {
    const { code, stderr } = await purser(line.split(' '))
    expect([line, code], stderr).toEqual([line, 2])
    expect(stderr).toMatch(message)
  }
})
