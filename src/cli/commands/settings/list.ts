// `purser settings list`: one page of settings by name.

import type { Setting, SettingFilter } from '../../../index.ts'
import { fieldsOf, text, under } from '../../flags/flags.ts'
import { listOutcome, pagingFlags, readPage } from '../../flags/listing.ts'
import { defineCommand } from '../../run/command.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { printableLine } from '../../screen/text.ts'

const filters = under('Filters:', {
  namespace: text('name', 'only settings of this namespace', { field: 'namespace' }),
})

export const listSettings = defineCommand({
  name: 'list',
  summary: 'list settings by name',
  flags: { ...filters, ...pagingFlags },
  examples: [
    ['all of them', 'settings list'],
    ["Purser's own", 'settings list --namespace purser'],
  ],
  run: (call) => {
    const filter = fieldsOf(filters, call.flags) as SettingFilter
    return call.withStore('existing', async (store) => {
      const page = await readPage(call.flags, (part) => store.settings.list(filter, part))
      const total = await store.settings.count(filter)
      return listOutcome(call, {
        page,
        total,
        noun: 'setting',
        empty:
          Object.keys(filter).length > 0
            ? 'No setting matches; leave out the filter to see more.'
            : 'There are no settings yet. To make one: purser settings set local/theme \'"dark"\'',
        toJson: (setting) => setting,
        show: settingTable,
      })
    })
  },
})

function settingTable(settings: readonly Setting[], screen: Screen): readonly string[] {
  return table(
    screen,
    [
      { title: 'NAME', value: ({ name }) => printableLine(name), paint: (text) => screen.paint.bold(text) },
      { title: 'VALUE', value: ({ value }) => printableLine(JSON.stringify(value)), shrinkTo: 16 },
      { title: 'VERSION', align: 'end', value: ({ version }) => String(version), spare: 2 },
      { title: 'UPDATED', value: ({ updatedAt }) => screen.time(updatedAt), spare: 1 },
    ],
    settings,
  )
}
