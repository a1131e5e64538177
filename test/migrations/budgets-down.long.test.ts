// Down below the budgets and up again, with rows, on every engine: what is lost is named before it
// is, costs and their totals stay, and budgets work afterwards as in a new database.

import { expect, onTestFinished, test } from 'vitest'
import { newBudget, newCost } from '../../src/conformance/support/samples.ts'
import { createBackend, MigrationError } from '../../src/index.ts'
import { describeOnEngines, freshUrl } from '../support/fresh-url.ts'

const BEFORE = 11
const call = { agentId: 'agent-1', timestamp: new Date() } as const

describeOnEngines('the migration of budgets', (engine) => {
  test('goes down with rows when it may, and up again', async () => {
    const store = createBackend(await freshUrl(engine))
    onTestFinished(() => store.close())
    await store.connect()
    await store.migrate()
    await store.budgets.create(newBudget({ limit: '5', period: 'month' }))
    await store.budgets.create(newBudget({ name: 'agent', scope: 'agent', target: 'agent-1', limit: '9' }))
    const { id } = await store.budgets.reserve({ agentId: 'agent-1', estimate: '2' })
    await store.costRecords.append(newCost({ ...call, cost: '1.5', reservationId: id }))
    await store.budgets.reserve({ agentId: 'agent-1', estimate: '0.5' })
    const totals = await store.costRecords.aggregate({}, { by: ['agent'] })

    const refused = await store.migrate({ to: BEFORE, backup: false }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(MigrationError)
    expect((refused as MigrationError).details).toContain('budgets: 2 rows')
    expect((await store.budgets.status()).map(({ held }) => held)).toEqual(['0.5', '0.5'])

    await store.migrate({ to: BEFORE, backup: false, allowDataLoss: true })
    await store.migrate({ backup: false })
    expect(await store.drift()).toEqual([])
    expect(await store.budgets.count()).toBe(0)
    expect(await store.costRecords.aggregate({}, { by: ['agent'] })).toEqual(totals)
    expect((await store.costRecords.query()).items).toMatchObject([{ cost: '1.5', reservationId: null }])

    await store.budgets.create(newBudget({ limit: '2', period: 'month' }))
    const again = await store.budgets.reserve({ agentId: 'agent-1', estimate: '0.5' })
    await store.costRecords.append(newCost({ ...call, cost: '0.25', reservationId: again.id }))
    expect(await store.budgets.status()).toMatchObject([{ spent: '1.75', held: '0', remaining: '0.25' }])
    await expect(store.budgets.reserve({ agentId: 'agent-1', estimate: '0.3' })).rejects.toMatchObject({
      code: 'BUDGET_EXCEEDED',
    })
  })
})
