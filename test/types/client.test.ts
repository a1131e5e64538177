// What the types of a client allow and refuse. Never run: tsc says whether it holds.

import { describe, expectTypeOf, test } from 'vitest'
import { type Client, createClient } from '../../src/client/index.ts'
import type { AppendedCost, CommittedChanges, Page, PlanTree, Store, Task } from '../../src/index.ts'

declare const client: Client

describe('clients', () => {
  test('are made from a URL', () => {
    expectTypeOf(createClient).returns.toEqualTypeOf<Client>()
    // @ts-expect-error the URL is missing
    void createClient({ token: 'x' })
    // @ts-expect-error no such option
    void client.with({ url: 'http://x' })
  })

  test('have the verbs of the repositories, with the same arguments and answers', () => {
    expectTypeOf(client.tasks.list).toEqualTypeOf<Store['tasks']['list']>()
    expectTypeOf(client.tasks.get('a')).resolves.toEqualTypeOf<Task | null>()
    expectTypeOf(client.tasks.list()).resolves.toEqualTypeOf<Page<Task>>()
    expectTypeOf(client.tasks.each()).toExtend<AsyncIterable<Task>>()
    expectTypeOf(client.plans.tree('p')).resolves.toEqualTypeOf<PlanTree | null>()
    expectTypeOf(client.costRecords.append).returns.resolves.toEqualTypeOf<AppendedCost>()
    expectTypeOf(client.changes.follow()).toExtend<AsyncIterable<CommittedChanges>>()
    // @ts-expect-error the version is missing
    void client.tasks.update('a', { title: 'x' })
    // @ts-expect-error no such status
    void client.tasks.list({ status: 'done' })
  })

  test('have nothing that needs the process of the store', () => {
    // @ts-expect-error no transactions
    client.transaction
    // @ts-expect-error nothing to close
    client.close
    // @ts-expect-error several reads in one
    client.tasks.getMany
    // @ts-expect-error progress is in the process of the store
    void client.retention.prune({ messages: '30d', onProgress: () => undefined })
  })
})
