// Every page of the dashboard in Chromium, on the demo's records: it shows what it should, without
// errors and without a request to another machine; axe finds nothing serious in light and dark; and
// nothing is wider than a phone. With PURSER_SCREENSHOTS=1 the pictures of docs/ are made.

import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { seriousFindings } from '../support/web/axe.ts'
import { closeBrowser, isBrowserMissing } from '../support/web/chromium.ts'
import { openDashboard, settled } from '../support/web/dashboard.ts'

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url))
const plan = '01K0TDE0000000000000000004'

/** Each page: its path, what it shows, and the picture that is made of it, if any. */
const pages: readonly {
  readonly path: string
  readonly title: string
  readonly shows: readonly string[]
  readonly picture?: string
}[] = [
  {
    path: '/',
    title: 'Overview',
    shows: ['Spent in 7 days', '0.9061', 'plan:createTool', 'demo/tide-api', '84 %', 'Compute predictions'],
    picture: 'overview',
  },
  { path: '/plans', title: 'Plans', shows: ['Choose a source', 'apply/applied', '0.8411'], picture: 'plans' },
  {
    path: `/plans/${plan}`,
    title: 'Compute predictions',
    shows: [
      'Know the tides',
      'predictions for Port Ellery drift by an hour',
      'from 70 % sure',
      'never shell',
    ],
    picture: 'plan',
  },
  {
    path: '/tasks',
    title: 'Tasks',
    shows: ['in progress', 'Sketch the harbour page', 'try 2'],
    picture: 'tasks',
  },
  { path: '/tasks?view=list', title: 'Tasks', shows: ['Say who may use the data', 'no one'] },
  {
    path: '/tasks?view=ready',
    title: 'Tasks',
    shows: ['in the order in which claims take them', 'Say who may use the data'],
  },
  { path: '/tasks?view=waiting', title: 'Tasks', shows: ['Review predictions and cache', 'waits for'] },
  { path: '/tasks?view=leases', title: 'Tasks', shows: ['No task is claimed'] },
  { path: '/tasks?view=graph', title: 'Tasks', shows: ['Cache a day of predictions'], picture: 'graph' },
  {
    path: '/tasks/demo-task-3',
    title: 'Compute the predictions',
    shows: ['Within 2 cm of the printed tables', 'Depends on', 'all completed', 'failed → assigned'],
    picture: 'task',
  },
  {
    path: '/costs',
    title: 'Costs',
    shows: ['Cost per day', '0.906119', '97.2 %', 'Latency and failures'],
    picture: 'costs',
  },
  {
    path: '/costs?by=agent&range=all&taskId=demo-task-3',
    title: 'Costs',
    shows: ['Cost per month', 'otto', 'taskId'],
  },
  {
    path: '/messages',
    title: 'Messages',
    shows: ['#predictions', '#harbour-page', 'Agreed. Both together, then.'],
    picture: 'messages',
  },
  {
    path: '/approvals',
    title: 'Approvals',
    shows: ['plan:createTool', 'medium risk', 'Cache predictions', 'threshold'],
    picture: 'approvals',
  },
  { path: '/budgets', title: 'Budgets', shows: ['project tide-api', '0.1589', 'warned'], picture: 'budgets' },
  {
    path: '/audit',
    title: 'Audit trail',
    shows: ['its profile denies this tool', 'Head to keep'],
    picture: 'audit',
  },
  {
    path: '/health',
    title: 'Health',
    shows: ['answers', 'sqlite', 'Drift of the schema'],
    picture: 'health',
  },
  { path: '/search?q=cache', title: 'Search: cache', shows: ['Review predictions and cache', '40 kB each'] },
]

describe.skipIf(isBrowserMissing)('every page', () => {
  afterAll(closeBrowser)

  test('shows what it should, without an error, and is accessible', async () => {
    const { page, open, faults } = await openDashboard()
    const findings: string[] = []
    for (const { path, title, shows, picture } of pages) {
      await open(path)
      expect(await page.locator('main h1').textContent(), path).toBe(title)
      const text = await page.locator('main').textContent()
      for (const words of shows) expect(text, path).toContain(words)
      expect(await page.title(), path).toBe(`${title} · Purser`)
      findings.push(...(await seriousFindings(page)).map((finding) => `${path} ${finding}`))
      if (picture !== undefined && process.env.PURSER_SCREENSHOTS)
        await page.screenshot({ path: `${images}${picture}.png` })
    }
    expect(findings).toEqual([])
    expect(faults).toEqual([])
  })

  test('is accessible in the dark', async () => {
    const { page, open, faults } = await openDashboard({ browser: { colorScheme: 'dark' } })
    const findings: string[] = []
    for (const { path, picture } of pages) {
      await open(path)
      const [red = 255] = await page.evaluate(() =>
        (getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g) ?? []).map(Number),
      )
      expect(red, path).toBeLessThan(40)
      findings.push(...(await seriousFindings(page)).map((finding) => `${path} ${finding}`))
      if (picture === 'overview' && process.env.PURSER_SCREENSHOTS)
        await page.screenshot({ path: `${images}overview-dark.png` })
    }
    expect(findings).toEqual([])
    expect(faults).toEqual([])
  })

  test('fits a phone of 360 pixels, and a screen of 3840', async () => {
    const { page, open, faults } = await openDashboard({ browser: { viewport: { width: 360, height: 740 } } })
    for (const { path } of pages) {
      await open(path)
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(width, path).toBe(360)
    }
    await page.getByRole('button', { name: 'Navigation' }).click()
    await page.getByRole('link', { name: 'Tasks' }).first().click()
    await settled(page)
    expect(page.url()).toMatch(/\/tasks$/)
    await page.setViewportSize({ width: 3840, height: 2160 })
    for (const { path } of pages) {
      await open(path)
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(3840)
    }
    expect(faults).toEqual([])
  })

  test('the choice of colours is kept', async () => {
    const { page, open } = await openDashboard()
    await open('/')
    await page.getByRole('button', { name: 'Colours: system' }).click()
    await page.getByRole('button', { name: 'Colours: light' }).click()
    await open('/plans')
    await page.getByRole('button', { name: 'Colours: dark' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
  })
})
