// What people read off reports and logs: ranges that pruning divides, names beside ids, and which
// columns a narrow terminal keeps.

import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

test('U16: a report since a time in an hour that was pruned is made in whole hours, and says so', async () => {
  const { done, path, purser } = workspace()
  const hour = Math.floor((Date.now() - 20 * DAY) / HOUR) * HOUR
  const store = await openStore(`sqlite:${path('purser.db')}`)
  const call = { agentId: 'ada', provider: 'acme', model: 'm', inputTokens: 1, outputTokens: 1 }
  await store.costRecords.appendMany([
    { ...call, cost: '1', timestamp: new Date(hour - HOUR) },
    { ...call, cost: '10', timestamp: new Date(hour) },
    { ...call, cost: '100', timestamp: new Date(hour + HOUR / 2) },
    { ...call, cost: '1000' },
  ])
  await store.close()
  await done(['prune', '--costs', '10d', '--yes'])
  const since = new Date(hour + HOUR / 4).toISOString()
  const { stdout, stderr } = await done(['costs', 'report', '--since', since])
  expect(stdout).toMatch(/Total 1,?110 USD in 3 model calls/)
  const whole = `${new Date(hour).toISOString().slice(0, 19).replace('T', ' ')} UTC`
  expect(stderr).toContain(`the range is in whole hours: since ${whole}`)
  expect(stdout).toContain(`since ${whole}`)
  const age = await purser(['costs', 'report', '--since', '20d', '--json'])
  expect(age.code).toBe(0)
})

test('U17: reports by plan, root plan and task have names beside the ids', async () => {
  const { done } = workspace()
  await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
  const byPlan = (await done(['costs', 'report', '--by', 'plan'])).stdout
  expect(byPlan).toMatch(/\nPLAN +NAME +COST USD /)
  expect(byPlan).toMatch(/\n01K0TDE0000000000000000003 +Choose a source +0\.173871/)
  const byRoot = (await done(['costs', 'report', '--by', 'rootPlan,task'])).stdout
  expect(byRoot).toMatch(/\nROOT PLAN +NAME +TASK +TITLE +COST USD /)
  expect(byRoot).toMatch(
    /\n01K0TDE0000000000000000001 +demo\/tide-service +demo-task-3 +Compute the predictions +0\.595254/,
  )
  const { names } = (await done(['costs', 'report', '--by', 'plan', '--json'])).json<{
    names: Readonly<Record<string, string>>
  }>().data
  expect(names['01K0TDE0000000000000000003']).toBe('Choose a source')
})

test('U19: a narrow audit log keeps time, actor, action and subject, and drops columns from the right', async () => {
  const { done } = workspace()
  await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
  const headers = async (columns: number) => {
    const { stdout } = await done(['audit', 'log', '-n', '5', '--subject', 'task'], {
      env: { COLUMNS: String(columns) },
    })
    const lines = stdout.split('\n').slice(0, 6)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
    return lines[0]?.trim().split(/ +/)
  }
  const whole = ['#', 'TIME', 'ACTOR', 'ACTION', 'SUBJECT', 'VERDICT', 'RISK', 'NOTE', 'ID']
  expect(await headers(300)).toEqual(whole)
  const usual = (await headers(80)) ?? []
  expect(usual).toEqual(expect.arrayContaining(['TIME', 'ACTOR', 'ACTION', 'SUBJECT']))
  expect(usual).toEqual(whole.slice(0, usual.length))
  expect(await headers(64)).toEqual(expect.arrayContaining(['TIME', 'ACTOR', 'ACTION', 'SUBJECT']))
})
