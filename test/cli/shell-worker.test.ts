// A shell script as a worker, where things go wrong: whatever a program has printed fails its task,
// leases are never too short to be kept, who acted is known, and what happened is told.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

const task = {
  title: 'Write it',
  description: 'd',
  project: 'web',
  createdBy: 'lead',
  type: 'design',
} as const

async function prepared() {
  const place = workspace()
  await place.done(['migrate', '--quiet'])
  const store = () => openStore(`sqlite:${join(place.folder, 'purser.db')}`)
  const claim = async (...more: readonly string[]) => {
    const { stdout } = await place.done(['tasks', 'claim', '--agent', 'a-1', '--quiet', ...more])
    const [id = '', claimId = ''] = stdout.trim().split(' ')
    return { id, claimId }
  }
  return { ...place, store, claim }
}

test('what a program has printed fails the task, whatever its bytes are', async () => {
  const { done, folder, store: open, claim } = await prepared()
  await using store = await open()
  await store.tasks.create({ ...task, id: 't', maxRetries: 9 })
  const latin = Buffer.from('caf\xe9: no such file\r\n', 'latin1')
  const windows = Buffer.from('\ufeffnicht gefunden: ä', 'utf16le')
  const cases: readonly (readonly [Buffer | string, string])[] = [
    ['', 'the worker gave no reason'],
    ['\n \n', 'the worker gave no reason'],
    [latin, 'caf\ufffd: no such file'],
    [windows, 'nicht gefunden: ä'],
    ['a\0b\n', 'ab'],
    ['x'.repeat(5 * 1_048_576), 'x'.repeat(10_000)],
    [`${'x'.repeat(9999)}\u{1f600}`, `${'x'.repeat(9999)}\ufffd`],
  ]
  for (const [input, error] of cases) {
    const { claimId } = await claim()
    const failed = await done(['tasks', 'fail', 't', '--claim', claimId, '--error', '-', '--retry-in', '0'], {
      input,
    })
    expect(failed.stdout, error.slice(0, 40)).toMatch(/^t is now ◌ interrupted/)
    expect((await store.tasks.get('t'))?.lastError).toBe(error)
  }
  const { claimId } = await claim()
  await done(['tasks', 'fail', 't', '--claim', claimId, '--error', ''], { input: '' })
  expect((await store.tasks.get('t'))?.lastError).toBe('the worker gave no reason')
  await store.actions.create({
    name: 'a/x',
    description: 'd',
    actors: { strategy: 'lead', execution: 'otto' },
  })
  const plan = await store.plans.create({ name: 'a/b', actionName: 'a/x' })
  await store.plans.use(plan.planId, { version: 1 })
  await store.plans.start(plan.planId, { version: 2 })
  await done(['plans', 'fail', 'a/b', '--message', '-'], { input: latin })
  expect((await store.plans.get(plan.planId))?.error?.message).toBe('caf\ufffd: no such file')
  expect(folder).not.toBe('')
})

test('the agent of a claim acts, unless another actor is named', async () => {
  const { done, purser, store: open, claim } = await prepared()
  await using store = await open()
  await store.tasks.create({ ...task, id: 't', maxRetries: 9 })
  const actors = async () => {
    const { items } = await store.audit.query({ subjectType: 'task' }, { order: 'asc' })
    return items.map(({ action, actor }) => `${action} ${actor}`)
  }
  const head = await store.changes.head()
  const first = await claim()
  await done(['tasks', 'heartbeat', 't', '--claim', first.claimId])
  await done(['tasks', 'fail', 't', '--claim', first.claimId, '--error', 'e', '--retry-in', '0'])
  await done(['tasks', 'release', 't', '--claim', (await claim()).claimId])
  const third = await done(['tasks', 'claim', '--agent', 'a-2', '--quiet'], { env: { PURSER_ACTOR: 'cron' } })
  const claimId = third.stdout.trim().split(' ')[1] ?? ''
  const foreign = await purser(['tasks', 'complete', 't', '--claim', first.claimId])
  expect(foreign.code).toBe(3)
  await done(['tasks', 'complete', 't', '--claim', claimId, '--actor', 'ada'])
  expect(await actors()).toEqual([
    ...['task:create system', 'task:claim a-1', 'task:fail a-1', 'task:claim a-1', 'task:release a-1'],
    ...['task:claim cron', 'task:complete ada'],
  ])
  await done([
    ...['costs', 'record', '--agent', 'a-3', '--provider', 'p', '--model', 'm', '--input-tokens', '1'],
    ...['--output-tokens', '1', '--cost', '1', '--actor', 'ledger'],
  ])
  await done([
    'messages',
    'send',
    '--from',
    'a-4',
    '--to',
    'b',
    '--channel',
    'c',
    '--type',
    'question',
    '--content',
    'x',
  ])
  const { items } = await store.changes.read({ after: head, records: ['cost_record', 'message'] })
  expect(items.map(({ actor }) => actor)).toEqual(['ledger', 'a-4'])
})

test('a lost lease is an error, nothing to claim a warning, and each says why', async () => {
  const { purser, done, store: open, claim } = await prepared()
  await using store = await open()
  const none = await purser(['tasks', 'claim', '--agent', 'a-1', '--json'])
  expect(none.json()).toMatchObject({
    status: 'warn',
    exitCode: 3,
    data: { items: [] },
    messages: [{ level: 'warn', code: 'NOTHING_READY', text: 'No task is ready, so none was claimed.' }],
  })
  await store.tasks.create({ ...task, id: 'first' })
  await store.tasks.create({ ...task, id: 'second', dependencies: ['first'] })
  expect((await purser(['tasks', 'waiting', 'second', '--json'])).json()).toMatchObject({
    ...{ status: 'warn', exitCode: 3 },
    messages: [{ level: 'warn', code: 'WAITS' }],
  })
  const { claimId } = await claim()
  await done(['tasks', 'release', 'first', '--claim', claimId])
  for (const verb of ['heartbeat', 'complete', 'release', 'fail']) {
    const error = verb === 'fail' ? ['--error', 'e'] : []
    const lost = await purser(['tasks', verb, 'first', '--claim', claimId, '--json', ...error])
    expect(lost.json(), verb).toMatchObject({
      ...{ status: 'error', exitCode: 3, data: null },
      messages: [{ level: 'error', code: 'LEASE_LOST' }],
    })
  }
})

test('a claim tells of leases that have ended, and of attempts that are used up', async () => {
  const { purser, store: open } = await prepared()
  await using store = await open()
  await store.tasks.create({ ...task, id: 't', maxRetries: 1 })
  const expire = async () => {
    await store.tasks.claim({ agent: 'a-1', lease: 1 })
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await expire()
  const again = await purser(['tasks', 'claim', '--agent', 'a-2', '--json'])
  expect(again.json()).toMatchObject({
    status: 'ok',
    messages: [
      { level: 'info', code: 'LEASE_ENDED', text: expect.stringMatching(/of t had ended.*taken back/) },
    ],
  })
  const { claimId = '' } = (await store.tasks.get('t')) ?? {}
  await store.tasks.heartbeat('t', claimId ?? '', { lease: 1 })
  await new Promise((resolve) => setTimeout(resolve, 5))
  const last = await purser(['tasks', 'claim', '--agent', 'a-2', '--quiet'])
  expect(last.code).toBe(3)
  expect(last.stderr).toBe(
    'warn: The lease of t had ended without a heartbeat, and its attempts are used up: it is failed.\n',
  )
  expect((await store.tasks.get('t'))?.status).toBe('failed')
})

test('tasks show says how often a task was tried, who has it until when, and why it failed', async () => {
  const { done, store: open } = await prepared()
  await using store = await open()
  await store.tasks.create({ ...task, id: 't', maxRetries: 2 })
  const shown = async () => (await done(['tasks', 'show', 't'])).stdout
  expect(await shown()).toMatch(/^ {2}Attempts +none yet, of at most 3 \(2 retries\)$/m)
  expect(await shown()).not.toMatch(/Claim|Lease|Available|Last error/)
  const [first] = await store.tasks.claim({ agent: 'a-1', lease: '45s' })
  const { claimId = '' } = first ?? {}
  expect(await shown()).toMatch(
    new RegExp(
      `Attempts +1, of at most 3 .*\n +Claim +${claimId} of a-1\n +Lease +ends in 4\\d s \\(20.* UTC\\)\n`,
    ),
  )
  await store.tasks.heartbeat('t', claimId, { lease: '10m' })
  expect(await shown()).toMatch(/Lease +ends in (9|10) min \(/)
  await store.tasks.fail('t', claimId, { error: `no net\n${'long '.repeat(400)}end`, retryIn: '1h' })
  const failed = await shown()
  expect(failed).toMatch(/^ {2}Available +in (59 min|1 h) \(20.* UTC\)$/m)
  expect(failed).toMatch(/\n\nLast error\n {2}no net\n {2}long /)
  expect(failed).not.toContain('end\n\nDescription')
  expect((await done(['tasks', 'show', 't', '--verbose'])).stdout).toMatch(/long end\n\nDescription/)
  await store.tasks.update('t', { title: 'Other' }, { version: 3 })
  const [gone] = await store.tasks.claim({ agent: 'a-2', lease: 1 })
  expect(gone).toBeUndefined()
  await store.tasks.transition('t', 'assigned', { version: 4, patch: { assignedTo: 'a-2' } })
  await store.tasks.claim({ agent: 'a-2', lease: 1 })
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(await shown()).toMatch(/Lease +ended just now \(.*\); the next claim takes it back$/m)
})

test('every flag of a duration takes the same forms, and says what is wrong', async () => {
  const { purser } = await prepared()
  const lines = [
    ['tasks claim --agent a --lease', '1s'],
    ['tasks claim --agent a --wait', '0'],
    ['tasks heartbeat t --claim x --lease', '1s'],
    ['tasks fail t --claim x --error e --retry-in', '0'],
    ['approvals wait x --timeout', '0'],
  ]
  for (const [line = '', least = ''] of lines) {
    const flag = line.split(' ').at(-1) ?? ''
    for (const [value, hint] of [
      ['60', ', which has no unit; seconds are "60s"'],
      ['1.5h', ''],
      ['soon', ''],
      ['365d', ''],
    ]) {
      const { code, stderr } = await purser([...line.split(' '), value ?? ''])
      expect(code, line).toBe(2)
      expect(stderr, line).toMatch(
        `purser: ${flag} must be a time such as 90s, 10m or 2h, with a unit (ms, s, m, h, d), from ${least} to `,
      )
      expect(stderr, line).toContain(`; is "${value}"${hint}`)
    }
    for (const value of ['2s', '1500ms', '1m']) {
      const { stderr } = await purser([...line.split(' '), value], { env: { PURSER_URL: 'sqlite:none.db' } })
      expect(stderr, `${line} ${value}`).toMatch(/^purser: there is no database/)
    }
  }
  const short = await purser(['tasks', 'claim', '--agent', 'a', '--lease', '5ms'])
  expect(short.stderr).toContain('from 1s to 7d; is "5ms"')
})

test('ids that name no task are accepted with a warning', async () => {
  const { done, store: open } = await prepared()
  await using store = await open()
  await store.tasks.create({ ...task, id: 'there' })
  const words = [
    '--title',
    't',
    '--description',
    'd',
    '--project',
    'p',
    '--created-by',
    'ada',
    '--type',
    'admin',
  ]
  const known = await done(['tasks', 'create', ...words, '--id', 'a', '--depends-on', 'there', '--json'])
  expect(known.json()).toMatchObject({ status: 'ok', messages: [] })
  const made = await done([
    ...['tasks', 'create', ...words, '--id', 'b', '--depends-on', 'there', '--depends-on', 'nope'],
    ...['--parent', 'nada', '--json'],
  ])
  expect(made.json()).toMatchObject({
    ...{ status: 'warn', exitCode: 0, data: { dependencies: ['there', 'nope'], parentTaskId: 'nada' } },
    messages: [
      { level: 'warn', code: 'UNKNOWN_DEPENDENCY', text: expect.stringContaining('there is no task "nope"') },
      { level: 'warn', code: 'UNKNOWN_PARENT', text: '--parent: there is no task "nada"' },
    ],
  })
  expect((await done(['tasks', 'update', 'a', '--depends-on', 'gone'])).stderr).toMatch(
    /^warn: --depends-on: there is no task "gone"; the task waits until/,
  )
  expect((await done(['tasks', 'update', 'a', '--title', 'Other'])).stderr).toBe('')
})
