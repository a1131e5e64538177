// Events: names that are stable and unique, payloads of ids, counts and durations, and who gets to
// hear them.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Readable } from 'node:stream'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { newPlan, newProfile } from '../../src/conformance/support/samples.ts'
import { exportRecords, importRecords, openStore, type Store, type StoreOptions } from '../../src/index.ts'
import { type EventName, EventPublisher, events, type Logger } from '../../src/observability/events.ts'
import { withDatabase } from '../support/database-content.ts'
import { makeAncestor } from '../support/legacy.ts'
import { scratchFile } from '../support/scratch.ts'

const names = Object.values(events)

/** Keys under which payloads may hold text, and what the text is: never content. */
const textKeys = [
  'id',
  'planId',
  'kind',
  'name',
  'label',
  'move',
  'backend',
  'code',
  'column',
  'direction',
  'from',
  'path',
  'rule',
  'status',
  'table',
  'to',
]

function collectingLogger() {
  const lines: { level: string; fields: Record<string, unknown>; message: string }[] = []
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...fields }, message })
  }
  return {
    lines,
    logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } satisfies Logger,
  }
}

describe('names', () => {
  test('are unique, and in the form persistence.<subject>.<what happened>', () => {
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^persistence\.[a-z]+\.[a-z]+$/)
  })

  test('agree with the keys of their constants', () => {
    for (const [key, name] of Object.entries(events)) {
      const [, subject, happened] = name.split('.')
      expect(key.toLowerCase()).toContain(happened)
      expect(`${key.toLowerCase()} set database schema`).toContain(subject)
    }
  })
})

/** Makes a store do everything that publishes, and gives what was published, by name. */
async function everything() {
  const { lines, logger } = collectingLogger()
  const path = makeAncestor(scratchFile(), { operations: true, plans: true, damage: ['brokenJson'] })
  const options: StoreOptions = { url: `sqlite:${path}`, logger }
  let store = await openStore(options)
  await store.close()
  withDatabase(
    path,
    (handle) => {
      handle.exec(
        "INSERT INTO purser_migrations VALUES (99, 'later', 'x', 0, '2030-01-01T00:00:00.000Z', 1, '9')",
      )
      handle.pragma('ignore_check_constraints = on')
      handle.exec(
        "UPDATE tasks SET reviewers = 'broken' WHERE id = 'task-3'; UPDATE tasks SET status = 'odd' WHERE id = 'task-4'",
      )
    },
    false,
  )
  store = await openStore(options)
  withDatabase(path, (handle) => handle.exec('DELETE FROM purser_migrations WHERE version = 99'), false)
  const task = await store.tasks.create({
    title: 't',
    description: 'd',
    project: 'p',
    createdBy: 'c',
    type: 'admin',
  })
  await store.tasks.update(task.id, { title: 'other' }, { version: 1 })
  await store.tasks.transition(task.id, 'assigned', { version: 2, patch: { assignedTo: 'a' } })
  await store.tasks.delete(task.id)
  await store.tasks.list({}, { limit: 1000 })
  const cost = {
    agentId: 'a',
    provider: 'p',
    model: 'm',
    inputTokens: 1,
    outputTokens: 1,
    cost: '1',
    idempotencyKey: 'k',
  }
  await store.budgets.create({ name: 'b', scope: 'everything', period: 'day', limit: '2' })
  await store.budgets.update('b', { limit: '0.5' }, { version: 1 })
  await store.costRecords.append(cost)
  await store.costRecords.append(cost)
  await store.budgets.delete('b')
  const message = {
    id: 'm',
    sender: 's',
    to: 't',
    channel: 'c',
    type: 'question',
    content: 'x',
    timestamp: new Date(0),
  } as const
  await store.messages.append(message)
  await store.messages.append(message, { idempotent: true })
  await store.actions.create({ name: 'local/build', description: 'd' })
  await store.actions.update('local/build', { description: 'other' }, { version: 1 })
  await store.actions.delete('local/build')
  await store.projects.create({ name: 'parser' })
  await store.projects.update('parser', { readOnly: true }, { version: 1 })
  await store.projects.delete('parser')
  const kept = await store.plans.create({
    name: 'a/kept',
    actionName: 'x',
    description: 'd',
    automationProfile: 'ci',
  })
  await store.plans.step(kept.planId, { index: 7, status: 'running' })
  const { checkpointId } = await store.planCheckpoints.create({ planId: kept.planId })
  await store.planCheckpoints.restore(checkpointId, { reason: 'r' }, { version: 2 })
  await store.planCheckpoints.delete(checkpointId)
  await store.tokens.create({ name: 'ci', role: 'reader' })
  await store.tokens.revoke('ci')
  const { profile } = (await store.automationProfiles.get('cautious')) ?? {}
  if (!profile) throw new Error('the built-in profile is not there')
  await store.automationProfiles.create({ ...profile, name: 'local/own' })
  await store.automationProfiles.update('local/own', { editCode: 0 }, { version: 1 })
  await store.automationProfiles.delete('local/own')
  const actors = { strategy: 'lead', execution: 'otto' }
  await store.actions.create({ name: 'local/wanted', description: 'd', actors })
  const plan = await store.plans.create({ name: 'local/events', actionName: 'local/wanted' })
  await store.plans.update(plan.planId, { description: 'other' }, { version: 1 })
  await store.plans.use(plan.planId, { version: 2 })
  await store.plans.delete(plan.planId)
  await decide(store)
  await store.audit.append({ action: 'a:b', subjectType: 'x' })
  const text: Uint8Array[] = []
  for await (const piece of exportRecords(store)) text.push(piece)
  await importRecords(store, Readable.from(text))
  await store.retention.prune({ messages: '90d' })
  await store.migrate({ to: 4, allowDataLoss: true })
  await expect(store.migrate({ to: 98 })).rejects.toThrow('98')
  await store.close()
  return lines
}

/** Agents, approvals, decisions and parked runs, with an approval that a gate uses up. */
async function decide(store: Store): Promise<void> {
  await store.agents.seen('agent-7')
  await store.agents.seen('agent-7', { role: 'coder' })
  await store.agents.stop('agent-7')
  const { planId } = await store.plans.create(
    {
      name: 'local/gate',
      actionName: 'x',
      description: 'd',
      automationProfile: 'manual',
      phase: 'strategize',
      state: 'complete',
    },
    { asOf: new Date() },
  )
  const step = { step: 'createTool', confidence: 0.9 } as const
  const asked = await store.as('agent-7').plans.proceed(planId, step, { version: 1 })
  if (asked.outcome !== 'waiting') throw new Error('the gate of a manual plan is closed')
  await store.as('ada').approvals.approve(asked.approval.id, undefined, asked.approval)
  await store.as('agent-7').plans.proceed(planId, step, { version: 1 })
  const { decisions } = store.as('ada')
  const { decisionId } = await decisions.record({
    ...{ planId, type: 'prompt_definition', question: 'q', chosenOption: 'c' },
  } as const)
  await decisions.correct(decisionId, { mode: 'revert', guidance: 'g' })
  await expect(decisions.correct(decisionId, { mode: 'revert', guidance: 'g' })).rejects.toThrow()
  const run = { agentId: 'agent-7', format: 'f@1', state: Buffer.from('{}') }
  const { id } = await store.parkedRuns.park(run)
  await store.parkedRuns.resume(id)
  await store.parkedRuns.delete((await store.parkedRuns.park(run)).id)
  await store.settings.set('local/theme', 'light')
  await store.settings.set('local/theme', 'dark')
  await store.settings.delete('local/theme')
  await breakRule(store)
}

/** Records a denied tool as allowed: refused at first, then recorded. */
async function breakRule(store: Store): Promise<void> {
  const profile = newProfile({ name: 'local/denying', guards: { deniedTools: ['shell'] } })
  await store.automationProfiles.create(profile)
  const { planId } = await store.plans.create(newPlan({ automationProfile: profile.name }))
  const entry = { action: 'tool:call', subjectType: 'tool', subjectId: 'shell', planId } as const
  const append = () => store.audit.append({ ...entry, verdict: 'allow' })
  await store.settings.set('purser/enforce', 'refuse')
  await expect(append()).rejects.toThrow(/denies the tool/)
  await store.settings.set('purser/enforce', 'record')
  await append()
}

describe('payloads', () => {
  test('of everything a store publishes hold ids, counts and durations', async () => {
    const lines = await everything()
    const published = new Set(lines.map(({ fields }) => fields.event))
    const rare: readonly EventName[] = [
      events.setFailed,
      events.transactionRetried,
      events.retentionFailed,
      events.changesTrimmed,
      events.changesFailed,
    ]
    expect([...published].sort()).toEqual(names.filter((name) => !rare.includes(name)).sort())
    for (const { fields, message } of lines) {
      expect(fields.event).toBe(message)
      for (const [key, value] of Object.entries(fields)) {
        if (key === 'event') continue
        if (key === 'rows') {
          for (const count of Object.values(value as object)) expect(count).toBeTypeOf('number')
        } else if (typeof value === 'string') expect(textKeys, `${message} ${key}`).toContain(key)
        else expect(typeof value, `${message} ${key}`).toBe('number')
      }
    }
  })

  test('of what is routine are for debugging, of what is wrong are warnings', async () => {
    const levels = new Map((await everything()).map(({ level, message }) => [message, level]))
    for (const name of [events.schemaNewer, events.valueUnreadable, events.rowCorrupt])
      expect(levels.get(name)).toBe('warn')
    for (const name of [events.backendConnected, events.migrationApplied, events.databaseAdopted])
      expect(levels.get(name)).toBe('info')
    for (const name of [events.taskCreated, events.planMoved, events.setCommitted, events.migrationStep])
      expect(levels.get(name)).toBe('debug')
  })
})

describe('publishing', () => {
  const payload = { id: 'x' }

  test('reaches listeners, the logger and the channel of the name, each once', () => {
    const { lines, logger } = collectingLogger()
    const publisher = new EventPublisher(logger)
    const heard: unknown[] = []
    publisher.on(events.taskCreated, (given) => heard.push(given))
    const onChannel = (given: unknown) => heard.push(given)
    subscribe(events.taskCreated, onChannel)
    onTestFinished(() => {
      unsubscribe(events.taskCreated, onChannel)
    })
    publisher.emit(events.taskCreated, payload)
    publisher.emit(events.taskDeleted, payload)
    expect(heard).toEqual([payload, payload])
    expect(lines.map(({ message }) => message)).toEqual([events.taskCreated, events.taskDeleted])
    expect(lines[0]?.fields).toEqual({ event: events.taskCreated, id: 'x' })
  })

  test('a listener that was removed hears no more; removing again does nothing', () => {
    const publisher = new EventPublisher()
    const [first, second] = [vi.fn(), vi.fn()]
    const stop = publisher.on(events.taskCreated, first)
    publisher.on(events.taskCreated, second)
    publisher.emit(events.taskCreated, payload)
    stop()
    stop()
    publisher.emit(events.taskCreated, payload)
    expect(first).toHaveBeenCalledTimes(1)
    expect(second).toHaveBeenCalledTimes(2)
  })

  test('says when somebody would hear, so that payloads are built for somebody only', () => {
    const publisher = new EventPublisher()
    expect(publisher.wants(events.taskCreated)).toBe(false)
    const stop = publisher.on(events.taskCreated, () => undefined)
    expect(publisher.wants(events.taskCreated)).toBe(true)
    expect(publisher.wants(events.taskDeleted)).toBe(false)
    stop()
    expect(publisher.wants(events.taskCreated)).toBe(false)
    expect(new EventPublisher(collectingLogger().logger).wants(events.taskCreated)).toBe(true)
  })

  test('a listener or logger that throws stops nothing, and its message is not repeated', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    onTestFinished(() => warn.mockRestore())
    const broken = () => {
      throw new TypeError('the words of the listener')
    }
    const publisher = new EventPublisher({ debug: broken, info: broken, warn: broken, error: broken })
    const after = vi.fn()
    publisher.on(events.taskCreated, broken)
    publisher.on(events.taskCreated, after)
    publisher.emit(events.taskCreated, payload)
    expect(after).toHaveBeenCalledTimes(1)
    const said = `a listener or logger of ${events.taskCreated} threw TypeError`
    expect(warn.mock.calls).toEqual([
      [said, 'PurserListenerWarning'],
      [said, 'PurserListenerWarning'],
    ])
  })

  test('a listener that throws does not spoil a write or a migration', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    onTestFinished(() => warn.mockRestore())
    const store = await openStore('sqlite::memory:')
    for (const name of names) {
      store.on(name, () => {
        throw new Error('listener')
      })
    }
    await store.tasks.create({ title: 't', description: 'd', project: 'p', createdBy: 'c', type: 'admin' })
    expect(await store.tasks.count()).toBe(1)
    expect((await store.migrate({ to: 2, allowDataLoss: true })).to).toBe(2)
    expect(warn.mock.calls.length).toBeGreaterThan(10)
    await store.close()
  })
})
