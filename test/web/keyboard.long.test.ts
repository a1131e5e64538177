// The dashboard by keyboard alone: pages, lists, search, help, a decision, and the back button with
// the state of the page in the address.

import { afterAll, describe, expect, test } from 'vitest'
import { closeBrowser, isBrowserMissing } from '../support/web/chromium.ts'
import { openDashboard, settled } from '../support/web/dashboard.ts'

const letters = [
  ['p', '/plans'],
  ['t', '/tasks'],
  ['c', '/costs'],
  ['m', '/messages'],
  ['a', '/approvals'],
  ['b', '/budgets'],
  ['u', '/audit'],
  ['h', '/health'],
  ['o', '/'],
] as const

describe.skipIf(isBrowserMissing)('by keyboard', () => {
  afterAll(closeBrowser)

  test('g and a letter opens each page', async () => {
    const { page, open } = await openDashboard()
    await open('/')
    for (const [letter, path] of letters) {
      await page.keyboard.press('g')
      await page.keyboard.press(letter)
      await page.waitForURL(`**${path}`)
      await settled(page)
    }
  })

  test('j and k move in a list, Enter opens, back returns with the filter', async () => {
    const { page, open } = await openDashboard()
    await open('/plans?state=processing')
    const focused = () => page.evaluate(() => document.activeElement?.textContent)
    await page.keyboard.press('j')
    expect(await focused()).toBe('demo/tide-service')
    await page.keyboard.press('j')
    expect(await focused()).toBe('Know the tides')
    await page.keyboard.press('k')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/plans/01K0TDE0000000000000000002')
    await settled(page)
    await page.goBack()
    await settled(page)
    expect(await page.getByLabel('State').inputValue()).toBe('processing')
    expect(await page.locator('main').textContent()).not.toContain('Terms of use')
  })

  test('/ searches, ? helps, Escape closes', async () => {
    const { page, open } = await openDashboard()
    await open('/')
    await page.keyboard.press('/')
    await page.keyboard.type('cache')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/search?q=cache')
    await settled(page)
    expect(await page.locator('main mark').count()).toBeGreaterThan(3)
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'hidden' })
  })

  test('an approval is decided without a mouse', async () => {
    const { page, open, store, faults } = await openDashboard()
    await open('/approvals')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    await page.keyboard.press('Tab')
    await dialog.getByLabel('Why').focus()
    await page.keyboard.type('measured since')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('Nothing waits').waitFor()
    const { items } = await store.approvals.list({ status: 'approved' })
    expect(items.map(({ decidedBy, decisionReason }) => [decidedBy, decisionReason])).toEqual([
      ['ada', 'measured since'],
    ])
    expect(faults).toEqual([])
  })
})
