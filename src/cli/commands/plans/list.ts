// `purser plans list`: one page of plans in creation order.

import type { PlanFilter } from '../../../index.ts'
import { planPhases, planStates } from '../../../records/plans/enums.ts'
import { fieldsOf, text, under, words } from '../../flags/flags.ts'
import {
  addAbsent,
  anyOf,
  changeFilters,
  listOutcome,
  orderedPaging,
  readPage,
  withoutFlag,
} from '../../flags/listing.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { planTable } from './view.ts'

const absent = { parent: 'parentPlanId' } as const

const filters = under('Filters:', {
  phase: words(planPhases, 'only plans in one of these phases', { field: 'phase' }),
  state: words(planStates, 'only plans in one of these states', { field: 'state' }),
  project: text('name', 'only plans of this project', { field: 'project' }),
  action: anyOf('name', 'only plans made from this action', 'actionName'),
  name: text('pattern', 'only roots of this name; * stands for any characters, ? for one', { field: 'name' }),
  root: anyOf('id', 'only plans of the tree with this root', 'rootPlanId'),
  parent: anyOf('id', 'only plans right below this one', 'parentPlanId'),
  ...changeFilters('plans'),
  without: withoutFlag(absent, 'plans'),
})

export const listPlans = defineCommand({
  name: 'list',
  summary: 'list plans, in the order of their creation',
  description: 'List plans, in the order of their creation. Several filters together mean all of them.',
  flags: { ...filters, ...orderedPaging('oldest') },
  examples: [
    ['the roots of all trees', 'plans list --without parent'],
    ['what is under way', 'plans list --state processing'],
    ['what went wrong in a project', 'plans list --project tide-api --state errored,constrained'],
    ['roots by their names', 'plans list --name "demo/*"'],
    ['what has not moved for a week', 'plans list --state processing --updated-before 7d'],
    ['the newest five', 'plans list --order desc -n 5'],
  ],
  run: async (call) => {
    const given = addAbsent(fieldsOf(filters, call.flags), call.flags.without, absent) as PlanFilter
    return call.withStore('existing', async (store) => {
      const filter = await withWholeIds(store, given)
      const page = await readPage(call.flags, (part) => store.plans.list(filter, part))
      const total = await store.plans.count(filter)
      const create = commandLine(call.screen, ['plans', 'create', '--help', ...sameDatabase(call.global)])
      return listOutcome(call, {
        page,
        total,
        noun: 'plan',
        empty:
          Object.keys(filter).length > 0
            ? 'No plan matches; leave out a filter to see more.'
            : `There are no plans yet. To make one: ${create}`,
        toJson: (plan) => plan,
        show: (plans, screen) => planTable(screen, plans),
      })
    })
  },
})
