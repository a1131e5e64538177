// The dashboard is live: a change by another process appears within a second, a lost connection is
// said and its return catches up, and an ended sign-in says how to sign in again.

import { afterAll, describe, expect, test } from 'vitest'
import { startChild } from '../support/child-process.ts'
import { closeBrowser, isBrowserMissing } from '../support/web/chromium.ts'
import { openDashboard, settled } from '../support/web/dashboard.ts'

describe.skipIf(isBrowserMissing)('live', () => {
  afterAll(closeBrowser)

  test('a change by another process appears within a second', async () => {
    const { page, open, url, faults } = await openDashboard()
    await open('/tasks')
    const writer = startChild('create-tasks', [url])
    const delays: number[] = []
    for (let round = 1; round <= 5; round += 1) {
      const title = `From elsewhere ${round}`
      const shown = page.waitForFunction(
        (words) => document.querySelector('main')?.textContent?.includes(words) && Date.now(),
        title,
        { polling: 20 },
      )
      writer.say(title)
      const committedAt = Number((await writer.line(`${title} `)).split(' ').at(-1))
      delays.push(Number(await (await shown).jsonValue()) - committedAt)
      await page.waitForTimeout(1_200)
    }
    const [, , median = Number.POSITIVE_INFINITY] = delays.toSorted((a, b) => a - b)
    expect(median, `milliseconds: ${delays.join(', ')}`).toBeLessThan(1_000)
    expect(faults).toEqual([])
  })

  test('the overview follows costs, plans and the audit trail', async () => {
    const { page, open, store } = await openDashboard()
    await open('/')
    await store.costRecords.append({
      agentId: 'otto',
      taskId: 'demo-task-3',
      provider: 'northwind',
      model: 'large-2',
      inputTokens: 10,
      outputTokens: 10,
      cost: '40',
    })
    await page
      .getByText('41 against all of yesterday')
      .or(page.getByText(/40\.\d+ USD/).first())
      .first()
      .waitFor()
    const plan = await store
      .as('mira')
      .plans.create({ name: 'demo/unheard', actionName: 'demo/deliver', description: 'x' })
    await page.getByText('plan:create').first().waitFor()
    await store.as('mira').plans.use(plan.planId, { version: 1 })
    await page.getByRole('link', { name: 'demo/unheard' }).waitFor()
  })

  test('a lost connection is said, and its return catches up', async () => {
    const { page, open, store, cut, mend } = await openDashboard()
    await open('/tasks')
    cut()
    await page.getByText('Connection lost, trying again').waitFor()
    await store.tasks.create({
      id: 'meanwhile',
      title: 'Made meanwhile',
      description: 'x',
      project: 'tide-api',
      createdBy: 'mira',
      type: 'admin',
    })
    await mend()
    await page.locator('.live[data-state="live"]').waitFor()
    await page.getByText('Made meanwhile').waitFor()
  })

  test('an ended sign-in says how to sign in again, and goes on where it was', async () => {
    const { page, context, open, signIn } = await openDashboard()
    await open('/plans')
    await context.clearCookies()
    await page.getByRole('link', { name: 'Budgets' }).click()
    await page.getByText('You are signed out').waitFor()
    const other = await context.newPage()
    await other.goto(signIn())
    await settled(other)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('project tide-api').waitFor()
    await settled(page)
  })
})
