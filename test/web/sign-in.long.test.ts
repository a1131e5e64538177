// A person signs in with a token: what it takes, who they are then, what they are offered, and that
// it ends.

import { afterAll, describe, expect, test } from 'vitest'
import { seriousFindings } from '../support/web/axe.ts'
import { closeBrowser, isBrowserMissing } from '../support/web/chromium.ts'
import { openDashboard, settled } from '../support/web/dashboard.ts'

const looks = [
  ['light', { colorScheme: 'light', viewport: { width: 1280, height: 800 } }],
  ['dark at 360 px', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }],
] as const

describe.skipIf(isBrowserMissing)('signing in with a token', () => {
  afterAll(closeBrowser)

  test.each(looks)('%s', async (name, browser) => {
    const { page, context, open, store } = await openDashboard({ browser })
    const { secret } = await store.tokens.create({ name: 'pat', role: 'reader', actor: 'human:pat' })
    await context.clearCookies()
    await page.goto('/approvals')
    const token = page.getByLabel('Token', { exact: true })
    await token.fill('purser_wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('unknown, expired or revoked').waitFor()
    expect(await seriousFindings(page)).toEqual([])
    const { scrollWidth } = await page.evaluate(() => ({ scrollWidth: document.body.scrollWidth }))
    expect(scrollWidth).toBeLessThanOrEqual(browser.viewport.width)
    if (process.env.PURSER_SHOTS)
      await page.screenshot({ path: `${process.env.PURSER_SHOTS}/out ${name}.png` })

    await token.fill(secret)
    await token.press('Enter')
    await settled(page)
    expect(new URL(page.url()).pathname).toBe('/approvals')
    const [cookie] = await context.cookies()
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
    expect(await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length])).toEqual([
      '',
      0,
      0,
    ])

    await page.getByText('Operators decide').first().waitFor()
    for (const path of ['/approvals', '/budgets', '/tasks/demo-task-3', '/health']) {
      await open(path)
      expect(await page.locator('main button.primary').count(), path).toBe(0)
      expect(await page.getByText('Your role does not include this').count(), path).toBe(0)
    }
    const menu = page.getByRole('button', { name: 'Navigation' })
    if (await menu.isVisible()) await menu.click()
    await page.getByText('human:pat, reader').waitFor()
    expect(await seriousFindings(page)).toEqual([])
    if (process.env.PURSER_SHOTS)
      await page.screenshot({ path: `${process.env.PURSER_SHOTS}/in ${name}.png` })

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You are signed out').waitFor()
    expect(await page.getByText('human:pat, reader').count()).toBe(0)
    expect((await page.request.get('/v1/me')).status()).toBe(401)
  })

  test('a token that is revoked signs out', async () => {
    const { page, context, store } = await openDashboard()
    const { secret } = await store.tokens.create({ name: 'op', role: 'operator' })
    await context.clearCookies()
    await page.goto('/budgets')
    await page.getByLabel('Token', { exact: true }).fill(secret)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await settled(page)
    await page.getByText('op, operator').waitFor()
    await store.tokens.revoke('op')
    await page.getByRole('link', { name: 'Audit' }).click()
    await page.getByText('You are signed out').waitFor()
  })
})
