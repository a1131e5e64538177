// `purser enforce`: what it shows, what it sets, and what then happens to a move.

import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { workspace } from '../support/cli/purser.ts'

test('shows and sets whether rules are enforced, in the name of the actor', async () => {
  const { purser, done } = workspace()
  await done(['migrate'])
  expect((await done(['enforce', '--json'])).json()).toMatchObject({
    data: { enforce: 'refuse', source: 'default', setting: null },
  })
  expect((await done(['enforce', 'record', '--actor', 'ada'])).stdout).toMatch(
    /^record: .*go through.*\n\(the setting purser\/enforce says so\)\n$/,
  )
  const log = await done(['audit', 'log', '--json'])
  expect(log.stdout).toContain('"actor": "ada"')
  await done(['actions', 'create', '--name', 'local/build', '--description', 'x'])
  const plan = ['plans', 'create', '--action', 'local/build', '--description', 'x', '--profile', 'manual']
  const made = (await done([...plan, '--name', 'local/one', '--json'])).json<{ planId: string }>()
  await done(['plans', 'use', made.data.planId])
  expect((await done(['audit', 'log', '--verdict', 'escalate', '--json'])).stdout).toContain(made.data.planId)
  expect(await done(['enforce', 'refuse', '--quiet'])).toMatchObject({ stdout: 'refuse\n' })
  const other = (await done([...plan, '--name', 'local/two', '--json'])).json<{ planId: string }>()
  const refused = await purser(['plans', 'use', other.data.planId])
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toMatch(/cannot make the move use yet/)
})

test('says when the configuration goes before the setting', async () => {
  const { done, path } = workspace()
  writeFileSync(path('purser.config.yaml'), 'enforce: record\n')
  await done(['migrate'])
  expect((await done(['enforce', 'refuse', '--json'])).json()).toMatchObject({
    data: { enforce: 'record', source: 'configuration', setting: 'refuse' },
  })
})

test('refuses another word, and a place without a database', async () => {
  const { purser } = workspace()
  expect(await purser(['enforce', 'perhaps'])).toMatchObject({ code: 2 })
  expect((await purser(['enforce', 'record'])).stderr).toContain('there is no database')
})
