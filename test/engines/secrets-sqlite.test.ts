// Nothing of a record's content gets into an error, a log line or an event, whatever fails and
// however: bad input in every field, refusals of the database, faults of the driver, damaged rows.
// Ids may be named; all else is the callers' own.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { events, openStore, PersistenceError, type Store, type StoreOptions } from '../../src/index.ts'
import { withDatabase } from '../support/database-content.ts'
import { type DriverCall, driverError, observedEngine } from '../support/driver.ts'
import { makeAncestor } from '../support/legacy.ts'
import { migrateFile } from '../support/migrated.ts'
import { scratchFile } from '../support/scratch.ts'

const SECRET = 'quicksilver-7f3a'

/** Everything that was said aloud: log lines and published events. */
let heard: unknown[] = []
const hear = (message: unknown) => heard.push(message)
const log = (fields: object, message: string) => heard.push(fields, message)
const logger: NonNullable<StoreOptions['logger']> = { debug: log, info: log, warn: log, error: log }

beforeEach(() => {
  heard = []
  for (const name of Object.values(events)) subscribe(name, hear)
})
afterEach(() => {
  for (const name of Object.values(events)) unsubscribe(name, hear)
})

/**
 * An action that must fail, and must not tell. `cause` is looked into as well, and so is every
 * property.
 */
async function expectSilence(action: () => Promise<unknown>, what: string): Promise<PersistenceError> {
  const error = await Promise.resolve()
    .then(action)
    .catch((reason: unknown) => reason)
  expect(error, what).toBeInstanceOf(PersistenceError)
  expectNothingTold(error, what)
  return error as PersistenceError
}

function expectNothingTold(error: unknown, what: string): void {
  const told = [
    inspect(error, { depth: 12, showHidden: true }),
    (error as Error)?.stack,
    JSON.stringify(error),
    inspect(heard, { depth: 12 }),
  ]
  expect(told.join('\n').toLowerCase(), what).not.toContain(SECRET)
}

/** Bad values with the secret in them, for any field. */
const badValues: readonly unknown[] = [
  { k: SECRET },
  [SECRET, [SECRET]],
  `${SECRET}\0`,
  `${SECRET}\u0007`.repeat(40),
  SECRET.repeat(80_000),
  `\ud800${SECRET}`,
  new Error(SECRET),
  () => SECRET,
  Symbol(SECRET),
  new Map([[SECRET, SECRET]]),
  { toString: () => SECRET, toJSON: () => SECRET },
]

const good = {
  tasks: { id: 'task-1', title: 't', description: 'd', project: 'p', createdBy: 'c', type: 'admin' },
  costRecords: { agentId: 'a', provider: 'p', model: 'm', inputTokens: 1, outputTokens: 1, cost: '1' },
  messages: { id: 'message-1', sender: 's', to: 't', channel: 'c', type: 'question', content: 'x' },
} as const

const fieldsOf = {
  tasks: [
    ...Object.keys(good.tasks),
    'priority',
    'assignedTo',
    'parentTaskId',
    'planId',
    'reviewers',
    'dependencies',
    'delegationChain',
    'artifactsExpected',
    'acceptanceCriteria',
    'estimatedComplexity',
    'budgetLimit',
    'maxRetries',
    'deadline',
    'taskStructure',
    'coordinationTopology',
    'status',
    'metadata',
  ],
  costRecords: [
    ...Object.keys(good.costRecords),
    'id',
    'idempotencyKey',
    'taskId',
    'planId',
    'project',
    'cacheReadTokens',
    'cacheWriteTokens',
    'currency',
    'timestamp',
    'callCategory',
    'latencyMs',
    'success',
    'finishReason',
    'metadata',
  ],
  messages: [
    ...Object.keys(good.messages),
    'timestamp',
    'priority',
    'parts',
    'attachments',
    'metadata',
    'from',
  ],
} as const
type Repository = keyof typeof good

const create = (store: Store, repository: Repository, input: object): Promise<unknown> =>
  repository === 'tasks'
    ? store.tasks.create(input as never)
    : repository === 'costRecords'
      ? store.costRecords.append(input as never)
      : store.messages.append(input as never)

describe.each(Object.keys(good) as Repository[])('%s', (repository) => {
  test('bad values in every field', async () => {
    const store = await openStore({ url: 'sqlite::memory:', logger })
    let refused = 0
    for (const field of fieldsOf[repository]) {
      for (const value of badValues) {
        const input = { ...good[repository], [field]: value }
        const outcome = await create(store, repository, input).then(
          () => undefined,
          (error: unknown) => error,
        )
        // JSON takes some of them, and free text takes what is only long; what is refused must not
        // be repeated.
        if (outcome === undefined) continue
        refused += 1
        expect(outcome).toBeInstanceOf(PersistenceError)
        expectNothingTold(outcome, `${field}: ${inspect(value).slice(0, 40)}`)
      }
    }
    expect(refused).toBeGreaterThan(fieldsOf[repository].length * 7)
    await store.close()
  })

  test('bad filters, limits and cursors', async () => {
    const store = await openStore({ url: 'sqlite::memory:', logger })
    const list = (filter: object, page: object) =>
      repository === 'tasks'
        ? store.tasks.list(filter, page)
        : repository === 'costRecords'
          ? store.costRecords.query(filter, page)
          : store.messages.query(filter, page)
    for (const value of [{ k: SECRET }, () => SECRET, [[SECRET]]]) {
      await expectSilence(
        () => list({ planId: value, project: value, channel: value, sender: value }, {}),
        'filter',
      )
    }
    for (const cursor of [
      SECRET,
      Buffer.from(JSON.stringify(['x', SECRET])).toString('base64url'),
      { k: SECRET },
    ]) {
      await expectSilence(() => list({}, { cursor }), 'cursor')
    }
    await expectSilence(() => list({}, { limit: SECRET }), 'limit')
    await store.close()
  })

  test('faults of the driver, with the secret in every field that takes text', async () => {
    const secrets = {
      tasks: {
        ...good.tasks,
        title: SECRET,
        description: SECRET,
        project: SECRET,
        createdBy: SECRET,
        reviewers: [SECRET],
        metadata: { k: SECRET },
      },
      costRecords: {
        ...good.costRecords,
        agentId: SECRET,
        project: SECRET,
        provider: SECRET,
        model: SECRET,
        finishReason: SECRET,
        metadata: { k: SECRET },
      },
      messages: {
        ...good.messages,
        sender: SECRET,
        to: SECRET,
        channel: SECRET,
        content: SECRET,
        metadata: { extra: [['k', SECRET]] },
      },
    }
    let code: string | undefined
    const engine = observedEngine(
      scratchFile(),
      ({ method }: DriverCall) => {
        if (code !== undefined && method === 'run') throw driverError(code, 'the words of the driver')
      },
      { busyTimeout: 1 },
    )
    const store = await openStore({ engine, logger })
    for (const failure of [
      'SQLITE_FULL',
      'SQLITE_BUSY',
      'SQLITE_IOERR',
      'SQLITE_CORRUPT',
      'SQLITE_READONLY',
      'SQLITE_TOOBIG',
      'SQLITE_CONSTRAINT_CHECK',
      'SQLITE_NOMEM',
      'SQLITE_ERROR',
    ]) {
      code = failure
      const error = await expectSilence(() => create(store, repository, secrets[repository]), failure)
      expect(error.message).not.toContain('the words of the driver')
      await expectSilence(
        () =>
          store.transaction((tx) => create({ ...store, ...tx } as Store, repository, secrets[repository])),
        failure,
      )
    }
    code = undefined
    await create(store, repository, secrets[repository])
    if (repository !== 'costRecords')
      await expectSilence(() => create(store, repository, secrets[repository]), 'duplicate')
    expectNothingTold(undefined, 'events of a write that worked')
    await store.close()
  })
})

describe('what the store refuses', () => {
  test('conflicts, transitions, references, searches', async () => {
    const store = await openStore({ url: 'sqlite::memory:', logger })
    const secret = { ...good.tasks, title: SECRET, project: SECRET, metadata: { k: SECRET } }
    await store.tasks.create(secret)
    const refusals: Readonly<Record<string, () => Promise<unknown>>> = {
      'a stale version': () => store.tasks.update('task-1', { title: SECRET }, { version: 7 }),
      'a bad version': () => store.tasks.update('task-1', { title: SECRET }, { version: SECRET as never }),
      'an unknown id': () => store.tasks.update('nobody', { title: SECRET }, { version: 1 }),
      'a bad patch': () =>
        store.tasks.update('task-1', { priority: SECRET as never, title: `${SECRET}\0` }, { version: 1 }),
      'an unknown status': () => store.tasks.transition('task-1', SECRET as never, { version: 1 }),
      'a transition that is not allowed': () =>
        store.tasks.transition('task-1', 'completed', { version: 1, patch: { title: SECRET } }),
      'a missing plan': () => store.tasks.create({ ...secret, id: 'task-2', planId: 'gone' }),
      'a batch with a duplicate': () => store.tasks.createMany([{ ...secret, id: 'task-3' }, secret]),
      'a search for nothing': () => store.messages.search(`\0${SECRET}`.repeat(5000)),
      'an odd grouping': () => store.costRecords.aggregate({}, { by: [SECRET as never] }),
      'an odd time': () => store.costRecords.query({ since: SECRET as never }),
    }
    for (const [what, action] of Object.entries(refusals)) await expectSilence(action, what)
    for (const text of [
      `"${SECRET}`,
      `${SECRET}*`,
      `NEAR(${SECRET}`,
      `${SECRET} AND (`,
      `col:${SECRET}`,
      `^${SECRET}`,
    ]) {
      expect((await store.messages.search(text)).items).toEqual([])
    }
    await store.close()
  })

  test('damaged rows', async () => {
    const path = scratchFile()
    const store = await openStore({ url: `sqlite:${path}`, logger })
    await store.tasks.createMany(['a', 'b'].map((id) => ({ ...good.tasks, id, title: SECRET })))
    withDatabase(
      path,
      (handle) => {
        handle.pragma('ignore_check_constraints = on')
        handle.exec(
          `UPDATE tasks SET reviewers = '["${SECRET}' WHERE id = 'a'; UPDATE tasks SET status = '${SECRET}' WHERE id = 'b'`,
        )
      },
      false,
    )
    expect((await store.tasks.get('a'))?.unreadable).toEqual(['reviewers'])
    await expectSilence(() => store.tasks.get('b'), 'a corrupt row')
    expect((await store.tasks.list()).corrupt).toEqual([{ table: 'tasks', id: 'b', column: 'status' }])
    expect(heard).toContainEqual(
      expect.objectContaining({ event: events.valueUnreadable, id: 'a', column: 'reviewers' }),
    )
    expect(heard).toContainEqual(
      expect.objectContaining({ event: events.rowCorrupt, id: 'b', column: 'status' }),
    )
    expectNothingTold(undefined, 'events about damaged rows')
    await store.close()
  })

  test('migrations over values that cannot be carried over', async () => {
    const path = makeAncestor(scratchFile(), {
      operations: true,
      afterwards: [
        `UPDATE tasks SET reviewers = '["${SECRET}', budget_limit = '${SECRET}'`,
        `UPDATE messages SET timestamp = '${SECRET}', content = '${SECRET}'`,
      ],
    })
    const store = await openStore({ url: `sqlite:${path}`, logger, backup: false })
    expect(heard.length).toBeGreaterThan(50)
    expectNothingTold(undefined, 'events of adoption')
    await store.tasks.create({ ...good.tasks, id: 'new', metadata: { k: SECRET } })
    await expectSilence(() => store.migrate({ to: 1 }), 'a step down that would lose rows')
    await store.close()
    const other = makeAncestor(scratchFile(), {
      operations: true,
      afterwards: [`ALTER TABLE tasks ADD COLUMN extra TEXT DEFAULT '${SECRET}'`],
    })
    await expectSilence(() => migrateFile(other), 'a layout that is refused')
  })
})
