// The dashboard on a large store: 10,000 plans in one tree, 100,000 tasks and 100,000 costs. Only
// the rows in sight are rendered, and lists read on as they are scrolled.

import { afterAll, describe, expect, test } from 'vitest'
import { newId, type Store } from '../../src/index.ts'
import { closeBrowser, isBrowserMissing } from '../support/web/chromium.ts'
import { openDashboard } from '../support/web/dashboard.ts'

const PLANS = 10_000
const TASKS = 100_000
const COSTS = 100_000
const BATCH = 1_000

async function fill(store: Store): Promise<void> {
  const ids = Array.from({ length: PLANS }, () => newId()).sort()
  // Each plan has ten below it.
  const plans = ids.map((planId, index) => ({
    planId,
    parentPlanId: index === 0 ? null : (ids[Math.floor((index - 1) / 10)] ?? null),
    ...(index === 0 && { name: 'large/root' }),
    actionName: 'large/work',
    description: `Plan number ${index}`,
  }))
  await store.plans.createMany(plans)
  for (let from = 0; from < TASKS; from += BATCH) {
    await store.tasks.createMany(
      Array.from({ length: BATCH }, (_, index) => ({
        title: `Task number ${from + index}`,
        description: 'One of many',
        project: `project-${index % 20}`,
        createdBy: 'mira',
        type: 'development' as const,
      })),
    )
  }
  for (let from = 0; from < COSTS; from += BATCH) {
    await store.costRecords.appendMany(
      Array.from({ length: BATCH }, (_, index) => ({
        agentId: `agent-${index % 30}`,
        planId: ids[(from + index) % PLANS] ?? null,
        provider: 'northwind',
        model: `model-${index % 12}`,
        inputTokens: 1000,
        outputTokens: 100,
        cost: '0.001',
        timestamp: new Date(Date.now() - ((from + index) % 40) * 86_400_000),
      })),
    )
  }
}

describe.skipIf(isBrowserMissing)('a large store', () => {
  afterAll(closeBrowser)

  test('shows every page, and renders what is in sight', async () => {
    const { page, open, faults } = await openDashboard({ fill })
    page.setDefaultTimeout(60_000)
    await page.getByText('100.0000 USD').or(page.getByText('100,000')).first().waitFor()

    await open('/plans')
    await page.getByText('10,000').waitFor()
    const rendered = () => page.locator('.tree li').count()
    expect(await rendered()).toBe(1)
    await page.getByRole('button', { name: '10 below large/root' }).click()
    await page.getByText('Plan number 10', { exact: true }).waitFor()
    await page.getByLabel('State').selectOption('queued')
    await page.waitForFunction(() => (document.querySelector('.tree ul')?.clientHeight ?? 0) > 300_000)
    expect(await rendered()).toBeLessThan(80)
    const tree = page.locator('.tree')
    const startedAt = Date.now()
    for (let step = 1; step <= 20; step += 1) {
      await tree.evaluate((element, share) => {
        element.scrollTop = element.scrollHeight * share
      }, step / 20)
      await page.waitForFunction(() => {
        const box = document.querySelector('.tree')?.getBoundingClientRect()
        if (!box) return false
        const below = document.elementFromPoint(box.left + 60, box.bottom - 30)
        return below?.closest('.tree li') !== null && below?.closest('.tree li') !== undefined
      })
    }
    expect((Date.now() - startedAt) / 20, 'milliseconds for a jump').toBeLessThan(1_000)
    expect(await rendered()).toBeLessThan(80)

    await open('/tasks')
    await page.getByText('100,000').first().waitFor()
    await page.getByRole('link', { name: 'All 100,000' }).click()
    await page.getByText('Task number 99999').waitFor()
    const rows = page.locator('main tbody tr')
    expect(await rows.count()).toBe(50)
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
    await page.waitForFunction(() => document.querySelectorAll('main tbody tr').length >= 100)

    await open('/costs?range=all')
    await page.getByText('100,000').first().waitFor()
    await page.getByRole('cell', { name: 'model-0' }).first().waitFor()
    await open('/costs?by=agent')
    await page.getByRole('cell', { name: 'agent-29' }).first().waitFor()
    expect(faults).toEqual([])
  })
})
