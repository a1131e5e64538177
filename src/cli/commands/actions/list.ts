// `purser actions list`: one page of actions in creation order.

import type { Action, ActionFilter } from '../../../index.ts'
import { actionStates } from '../../../records/actions/enums.ts'
import { fieldsOf, text, under, words } from '../../flags/flags.ts'
import { changeFilters, listOutcome, orderedPaging, readPage } from '../../flags/listing.ts'
import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { printableLine } from '../../screen/text.ts'

const filters = under('Filters:', {
  state: words(actionStates, 'only actions in one of these states', { field: 'state' }),
  tag: text('word', 'only actions with this tag', { field: 'tag' }),
  createdBy: text('name', 'only actions that this actor made', { field: 'createdBy' }),
  ...changeFilters('actions'),
})

export const listActions = defineCommand({
  name: 'list',
  summary: 'list actions, in the order of their creation',
  flags: { ...filters, ...orderedPaging('oldest') },
  examples: [
    ['all of them', 'actions list'],
    ['those that plans can be made from', 'actions list --state available'],
  ],
  run: async (call) => {
    const filter = fieldsOf(filters, call.flags) as ActionFilter
    return call.withStore('existing', async (store) => {
      const page = await readPage(call.flags, (part) => store.actions.list(filter, part))
      const total = await store.actions.count(filter)
      const create = commandLine(call.screen, ['actions', 'create', '--help', ...sameDatabase(call.global)])
      return listOutcome(call, {
        page,
        total,
        noun: 'action',
        empty:
          Object.keys(filter).length > 0
            ? 'No action matches; leave out the filter to see more.'
            : `There are no actions yet. To make one: ${create}`,
        toJson: (action) => action,
        show: (actions, screen) => actionTable(screen, actions),
      })
    })
  },
})

function actionTable(screen: Screen, actions: readonly Action[]): readonly string[] {
  return table(
    screen,
    [
      { title: 'NAME', value: (action) => printableLine(action.name) },
      {
        title: 'STATE',
        value: ({ state }) => state,
        paint: (text, { state }) =>
          state === 'archived' ? screen.paint.dim(text) : screen.paint.green(text),
      },
      {
        title: 'PROFILE',
        value: ({ automationProfile }) => printableLine(automationProfile ?? '–'),
        spare: 2,
      },
      { title: 'DESCRIPTION', value: ({ description }) => printableLine(description), shrinkTo: 16 },
      { title: 'UPDATED', value: ({ updatedAt }) => screen.time(updatedAt), spare: 1 },
    ],
    actions,
  )
}
