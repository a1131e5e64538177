// What one may do on the dashboard: each action is confirmed, changes the store in the name of who
// is signed in, and says why when it was refused.

import { afterAll, describe, expect, test } from 'vitest'
import { closeBrowser, isBrowserMissing } from '../support/web/chromium.ts'
import { openDashboard } from '../support/web/dashboard.ts'

const plan = '01K0TDE0000000000000000004'

describe.skipIf(isBrowserMissing)('actions', () => {
  afterAll(closeBrowser)

  test('an approval is rejected with a reason, and is in the history', async () => {
    const { page, open, store, faults } = await openDashboard()
    await open('/approvals')
    await page.getByRole('button', { name: 'Reject…' }).click()
    await page.getByLabel('Why').fill('measure first')
    await page.getByRole('button', { name: 'Reject', exact: true }).click()
    await page.getByText('Nothing waits').waitFor()
    await page.getByRole('cell', { name: 'measure first' }).waitFor()
    expect(await store.approvals.count({ status: 'rejected', decidedBy: 'ada' })).toBe(1)
    expect(faults).toEqual([])
  })

  test('a task is moved, assigned and claimed', async () => {
    const { page, open, store, faults } = await openDashboard()
    await open('/tasks/demo-task-3')
    await page.getByLabel('Move to').selectOption('in_review')
    await page.getByRole('button', { name: 'Move to in review' }).click()
    await page.locator('header .state', { hasText: 'in review' }).waitFor()
    expect((await store.tasks.get('demo-task-3'))?.status).toBe('in_review')

    await page.getByRole('button', { name: 'Assign…' }).click()
    await page.getByRole('dialog').getByLabel('Agent').fill('june')
    await page.getByRole('button', { name: 'Assign', exact: true }).click()
    await page.getByText('The task is assigned').waitFor()
    expect((await store.tasks.get('demo-task-3'))?.assignedTo).toBe('june')

    await open('/tasks?view=leases')
    await page.getByRole('button', { name: 'Claim…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Agent').fill('pax')
    await dialog.getByLabel('Project').fill('tide-web')
    await dialog.getByRole('button', { name: 'Claim', exact: true }).click()
    await page.getByRole('link', { name: 'Say who may use the data' }).waitFor()
    await page.getByText(/^9 min left$/).waitFor()
    expect((await store.tasks.get('demo-task-7'))?.assignedTo).toBe('pax')

    await open('/tasks/demo-task-7')
    await page.getByRole('button', { name: 'Give back' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Give back' }).click()
    await page.locator('header .state', { hasText: 'interrupted' }).waitFor()
    expect(faults).toEqual([])
  })

  test('a plan is moved, with the reason in its timeline', async () => {
    const { page, open, store, faults } = await openDashboard()
    await open(`/plans/${plan}`)
    await page.getByRole('button', { name: 'Fail', exact: true }).click()
    await page.getByLabel('Why').fill('the tables were wrong')
    await page.getByRole('dialog').getByRole('button', { name: 'Fail' }).click()
    await page.getByText('It failed').waitFor()
    await page.locator('.timeline').getByText('the tables were wrong').waitFor()
    await page.getByRole('button', { name: 'Retry' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click()
    await page.locator('header .state', { hasText: 'execute/queued' }).waitFor()
    expect((await store.plans.get(plan))?.attempt).toBe(3)
    const { items } = await store.audit.query({ planId: plan, action: 'plan:fail', actor: 'ada' })
    expect(items).toHaveLength(1)
    expect(faults).toEqual([])
  })

  test('a change that lost a race says so, and shows the newer state', async () => {
    const { page, open, store } = await openDashboard()
    await open('/budgets')
    await page.getByRole('button', { name: 'Change limit…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Limit in USD').fill('7')
    // The dialog keeps the version that it was opened with.
    await store.budgets.update('demo/tide-api', { limit: '5' }, { version: 1 })
    await page.getByText('5.00').first().waitFor()
    await dialog.getByRole('button', { name: 'Change limit' }).click()
    await page.getByText('Someone else was faster').waitFor()
    expect((await store.budgets.get('demo/tide-api'))?.limit).toBe('5')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Change limit…' }).click()
    await dialog.getByLabel('Limit in USD').fill('7')
    await dialog.getByRole('button', { name: 'Change limit' }).click()
    await page.getByText('7.00').first().waitFor()
    expect((await store.budgets.get('demo/tide-api'))?.limit).toBe('7')
  })

  test('costs lead from a group to its calls, and are downloaded', async () => {
    const { page, open, faults } = await openDashboard()
    await open('/costs')
    await page.getByRole('link', { name: 'small-2' }).click()
    await page.waitForURL('**/costs?model=small-2')
    await page.getByRole('cell', { name: 'large-2' }).first().waitFor({ state: 'detached' })
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'CSV' }).click()
    const file = await (await download).createReadStream()
    let text = ''
    for await (const piece of file) text += String(piece)
    expect(text.split('\r\n')[0]).toContain('model,cost,currency')
    expect(text).toContain('small-2')
    await page.locator('section[aria-label^="Calls"] [data-row]').first().click()
    await page.getByRole('heading', { name: 'Model call' }).waitFor()
    await page.getByText('small-2 for').waitFor()
    expect(faults).toEqual([])
  })

  test('the audit trail is verified, and a changed entry is found', async () => {
    const { page, open, store, faults } = await openDashboard()
    await open('/audit')
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByText(`${await store.audit.count()} entries were recomputed`).waitFor()
    await page.getByRole('link', { name: 'tool:call' }).first().click()
    await page.getByText('Its place in the chain').waitFor()
    expect(faults).toEqual([])
  })

  test('the doctor reports on request, and its report stays', async () => {
    const { page, open, faults } = await openDashboard()
    await open('/health')
    await page.getByRole('button', { name: 'Examine' }).click()
    await page.getByText('audit chain').waitFor()
    await open('/health')
    await page.getByText('audit chain').waitFor()
    expect(faults).toEqual([])
  })

  test('how far a channel was read is kept', async () => {
    const { page, open, store } = await openDashboard()
    await open('/messages?channel=harbour-page')
    await open('/messages?channel=predictions')
    expect(await page.locator('[data-new="true"]').count()).toBe(0)
    await store.messages.append({
      from: 'otto',
      to: 'pax',
      channel: 'harbour-page',
      type: 'question',
      content: 'Which time zone?',
    })
    await page.locator('[data-new="true"]', { hasText: '1' }).waitFor()
    await page.getByRole('link', { name: '#harbour-page' }).click()
    await page.getByText('New above').waitFor()
  })
})
