// `purser projects list`: one page of projects by name.

import type { Project, ProjectFilter } from '../../../index.ts'
import { either, fieldsOf, text, under } from '../../flags/flags.ts'
import { changeFilters, listOutcome, pagingFlags, readPage } from '../../flags/listing.ts'
import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { printableLine } from '../../screen/text.ts'

const filters = under('Filters:', {
  profile: text('name', 'only projects with this automation profile', { field: 'automationProfile' }),
  readOnly: either('only projects that plans only read, or with --no-read-only the others', {
    field: 'readOnly',
  }),
  ...changeFilters('projects'),
})

export const listProjects = defineCommand({
  name: 'list',
  summary: 'list projects that have a record, by name',
  flags: { ...filters, ...pagingFlags },
  examples: [
    ['all of them', 'projects list'],
    ['those that plans only read', 'projects list --read-only'],
  ],
  run: async (call) => {
    const filter = fieldsOf(filters, call.flags) as ProjectFilter
    return call.withStore('existing', async (store) => {
      const page = await readPage(call.flags, (part) => store.projects.list(filter, part))
      const total = await store.projects.count(filter)
      const create = commandLine(call.screen, ['projects', 'create', '--help', ...sameDatabase(call.global)])
      return listOutcome(call, {
        page,
        total,
        noun: 'project',
        empty:
          Object.keys(filter).length > 0
            ? 'No project matches; leave out the filter to see more.'
            : `No project has a record yet. To make one: ${create}`,
        toJson: (project) => project,
        show: (projects, screen) => projectTable(screen, projects),
      })
    })
  },
})

function projectTable(screen: Screen, projects: readonly Project[]): readonly string[] {
  return table(
    screen,
    [
      { title: 'NAME', value: ({ name }) => printableLine(name), paint: (text) => screen.paint.bold(text) },
      { title: 'PROFILE', value: ({ automationProfile }) => printableLine(automationProfile ?? '–') },
      { title: 'RUNS IN', value: ({ executionEnvironment }) => executionEnvironment ?? '–', spare: 3 },
      { title: 'PLANS', value: ({ readOnly }) => (readOnly ? 'only read it' : 'change it'), spare: 2 },
      { title: 'DESCRIPTION', value: ({ description }) => printableLine(description), shrinkTo: 16 },
      { title: 'UPDATED', value: ({ updatedAt }) => screen.time(updatedAt), spare: 1 },
    ],
    projects,
  )
}
