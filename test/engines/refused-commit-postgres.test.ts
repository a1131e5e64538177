// A COMMIT that PostgreSQL answers with ROLLBACK, without an error, because a statement before it
// has failed: what it was to store is stored nowhere, so each write of it is refused.

import pg from 'pg'
import { expect, test } from 'vitest'
import { newBudget, newCost, newMessage, newPlan, newTask } from '../../src/conformance/support/samples.ts'
import { openStore, QueryError, type Store } from '../../src/index.ts'
import { describeOnServers } from '../support/engines/servers.ts'

/** The driver; while it spoils, a statement fails right before each COMMIT. */
class SpoilingDriver {
  spoils = false
  spoilt = 0

  readonly driver = (() => {
    const isSpoilt = (text: string) => this.spoils && text === 'COMMIT'
    const count = () => {
      this.spoilt += 1
    }
    return {
      Client: class extends pg.Client {
        // biome-ignore lint/suspicious/noExplicitAny: the driver's method has a dozen signatures
        override query(...given: any[]): any {
          const [what] = given as [string | { text: string }]
          if (isSpoilt(typeof what === 'string' ? what : what.text)) {
            count()
            super.query('SELECT 1 / 0').catch(() => undefined)
          }
          return super.query(...(given as [string]))
        }
      },
    }
  })()
}

const writes: readonly (readonly [string, (store: Store) => Promise<unknown>])[] = [
  ['a record with its audit entry', (store) => store.plans.create(newPlan())],
  ['a set', (store) => store.messages.appendMany([newMessage(), newMessage()])],
  [
    'callers of one moment',
    async (store) => {
      const calls = Array.from({ length: 8 }, () => store.plans.create(newPlan()))
      const outcomes = await Promise.allSettled(calls)
      expect(new Set(outcomes.map(({ status }) => status)).size).toBe(1)
      await calls[0]
    },
  ],
  ['a change', (store) => store.tasks.update('there', { title: 'Other' }, { version: 1 })],
  ['costs with their totals', (store) => store.costRecords.appendMany([newCost(), newCost()])],
  ['a claim', (store) => store.tasks.claim({ agent: 'agent-1' })],
  ['a reservation', (store) => store.budgets.reserve({ agentId: 'agent-1', estimate: '0.5' })],
  [
    'a transaction',
    (store) =>
      store.transaction(async (tx) => {
        await tx.plans.create(newPlan())
        await tx.messages.append(newMessage())
      }),
  ],
]

/** Everything that the writes could have left behind. */
async function content(store: Store) {
  const { items: tasks } = await store.tasks.list()
  const { items: entries } = await store.audit.query()
  const { items: changes } = await store.changes.read()
  const [status] = await store.budgets.status()
  return {
    tasks,
    entries: entries.map(({ id }) => id),
    changes: changes.map(({ position }) => position),
    counts: [await store.plans.count(), await store.messages.count(), await store.costRecords.count()],
    budget: [status?.spent, status?.held],
    totals: await store.costRecords.aggregate(),
  }
}

describeOnServers(
  'a commit that is answered with ROLLBACK',
  (places) => {
    test('refuses every write of it, and nothing is stored', async () => {
      const url = places.urlOf(await places.create())
      const spoiling = new SpoilingDriver()
      await using store = await openStore({ url, driver: spoiling.driver as unknown as typeof pg })
      await using witness = await openStore(url)
      await store.tasks.create(newTask({ id: 'there' }))
      await store.budgets.create(newBudget())
      for (const [what, write] of writes) {
        const before = await content(witness)
        spoiling.spoils = true
        spoiling.spoilt = 0
        const error = await write(store).catch((reason: unknown) => reason)
        expect(spoiling.spoilt, what).toBeGreaterThan(0)
        expect(error, what).toBeInstanceOf(QueryError)
        expect((error as QueryError).message, what).toMatch(/^the database has rolled this transaction back/)
        spoiling.spoils = false
        expect(await content(witness), what).toEqual(before)
        await write(store)
        expect(await content(witness), what).not.toEqual(before)
      }
    })
  },
  ['postgres'],
)
