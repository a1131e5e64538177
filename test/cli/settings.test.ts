// `purser settings …`: values that are set, read, listed and deleted, with their versions.

import { expect, test } from 'vitest'
import { workspace } from '../support/cli/purser.ts'

test('a setting is set, read, listed, changed by version and deleted', async () => {
  const { done, purser } = workspace()
  await done(['migrate', '--quiet'])
  expect((await done(['settings', 'list'])).stdout).toMatch(/^There are no settings yet\./)
  const set = ['settings', 'set', 'local/theme']
  expect((await done([...set, '"dark"', '--if-new'])).stdout).toBe('Set local/theme, now at version 1\n')
  expect((await done(['settings', 'get', 'local/theme'])).stdout).toBe('"dark"\n')
  expect((await done(['settings', 'list'])).stdout).toMatch(
    /^NAME +VALUE +VERSION +UPDATED\nlocal\/theme +"dark" +1 +just now\n\n1 setting\n$/,
  )
  const late = await purser([...set, '"light"', '--if-version', '7'])
  expect(late.stderr).toMatch(/"local\/theme" in settings is at version 1/)
  expect((await purser([...set, '1', '--if-new'])).stderr).toMatch(/already has a row/)
  const changed = await done([...set, '{"dark": true}', '--if-version', '1', '--actor', 'ada', '--json'])
  expect(changed.json().data).toMatchObject({ name: 'local/theme', value: { dark: true }, version: 2 })
  const log = (await done(['audit', 'log', '--json'])).json<{ items: { actor: string; action: string }[] }>()
  expect(log.data.items.map(({ actor, action }) => [actor, action])).toEqual([
    ['ada', 'setting:update'],
    ['system', 'setting:create'],
  ])
  const unasked = await purser(['settings', 'delete', 'local/theme'])
  expect(unasked.stderr).toMatch(/Setting local\/theme would be deleted for good/)
  expect((await done(['settings', 'delete', 'local/theme', '--yes'])).stdout).toBe(
    'Deleted setting local/theme\n',
  )
  expect((await purser(['settings', 'get', 'local/theme'])).stderr).toMatch(
    /there is no setting with the name/,
  )
})

test('what is not JSON, no name of a setting, or contradicts itself is refused', async () => {
  const { purser, done } = workspace()
  await done(['migrate', '--quiet'])
  expect((await purser(['settings', 'set', 'local/theme', 'dark'])).stderr).toMatch(/must be JSON/)
  expect((await purser(['settings', 'set', 'theme', '1'])).stderr).toMatch(/must be namespace\/key/)
  const both = await purser(['settings', 'set', 'local/theme', '1', '--if-new', '--if-version', '1'])
  expect(both.code).toBe(2)
  expect((await purser(['settings', 'set', 'purser/other', '1'])).stderr).toMatch(/is no setting of Purser/)
})
