// `purser tasks list`: filters, pages, and what it says where there is nothing.

import { describe, expect, test } from 'vitest'
import { taskDefinition } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'
import { commandOf, missingFlags } from '../support/cli/task-flags.ts'

interface TaskData {
  readonly id: string
  readonly status: string
  readonly assignedTo: string | null
  readonly version: number
}
interface ListData {
  readonly items: readonly TaskData[]
  readonly nextCursor: string | null
  readonly summary: { readonly shown: number; readonly total: number }
}

const basics = ['--project', 'tide-api', '--created-by', 'mira', '--type', 'development']
const create = (id: string, ...more: string[]) => [
  ...['tasks', 'create', '--id', id, '--title', `Task ${id}`, '--description', 'To be done', ...basics],
  ...more,
]

describe('tasks list', () => {
  test('says what to do when there is none, and when none matches', async () => {
    const { done } = workspace()
    await done(['migrate'])
    expect((await done(['tasks', 'list'])).stdout).toBe(
      'There are no tasks yet. To make one: purser tasks create --help\n',
    )
    expect((await done(['tasks', 'list', '--project', 'x'])).stdout).toBe(
      'No task matches; leave out a filter to see more.\n',
    )
    expect((await done(['tasks', 'list', '--quiet'])).stdout).toBe('')
    expect((await done(['tasks', 'list', '--json'])).json<ListData>().data).toEqual({
      items: [],
      nextCursor: null,
      summary: { shown: 0, total: 0 },
    })
  })

  test('filters, and pages with the line it prints', async () => {
    const { done, purser } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const ids = async (...flags: string[]) =>
      (await done(['tasks', 'list', '--json', ...flags])).json<ListData>().data.items.map(({ id }) => id)
    expect(await ids('--status', 'blocked,created')).toEqual(['demo-task-7', 'demo-task-4'])
    expect(await ids('--all', '--assigned-to', 'pax', '--assigned-to', 'june', '--order', 'asc')).toEqual([
      'demo-task-1',
      'demo-task-4',
      'demo-task-6',
      'demo-work-1',
      'demo-work-2',
    ])
    expect(await ids('--all', '--without', 'assignee', '--project', 'tide-web')).toEqual([
      'demo-task-8',
      'demo-task-7',
    ])
    expect(
      await ids('--all', '--type', 'design', '--priority', 'critical', '--complexity', 'medium'),
    ).toEqual(['demo-task-2'])

    const page = await done([
      'tasks',
      'list',
      '--project',
      'tide-api',
      '--limit',
      '2',
      '--all',
      '--order',
      'asc',
    ])
    expect(page.stdout).toMatch(
      /^ID +STATUS +PRIORITY +ASSIGNED TO +PROJECT +TITLE +UPDATED\ndemo-task-1 +● completed +high/,
    )
    const next = /2 of 5 tasks; the next page:\n {2}purser (.*)\n$/.exec(page.stdout)?.[1] ?? ''
    expect(next).toMatch(/^tasks list --project tide-api --limit 2 --all --order asc --cursor=\S+$/)
    const second = await done(next.split(' '))
    expect(second.stdout).toMatch(/\ndemo-task-3 .*\ndemo-task-4 /)
    const third = / {2}purser (.*)\n$/.exec(second.stdout)?.[1] ?? ''
    expect((await done(third.split(' '))).stdout).toMatch(/\ndemo-task-5 .*\n\n1 of 5 tasks\n$/)

    const tampered = await purser(['tasks', 'list', '--cursor', 'abc'])
    expect(tampered).toMatchObject({ code: 2 })
    expect(tampered.stderr).toMatch(/^purser: --cursor is no cursor of this list/)
    expect((await purser(['tasks', 'list', '--limit', '1001'])).stderr).toBe(
      'purser: --limit must be a whole number from 1 to 1000\n',
    )
  })

  test('U9: shows what is open, the newest first, and says what has ended', async () => {
    const { done } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const open = (await done(['tasks', 'list'])).stdout
    expect(open).toMatch(
      /^ID.*\ndemo-task-7 .*\ndemo-task-6 .*\ndemo-task-5 .*\ndemo-task-4 .*\ndemo-task-3 .*\n\n/,
    )
    expect(open).toMatch(/\n5 open tasks\n5 more tasks ended; with them:\n {2}purser tasks list --all\n$/)
    expect((await done(['tasks', 'list', '-n', '1'])).stdout).toMatch(/\n1 of 5 open tasks; the next page:\n/)
    const all = (await done(['tasks', 'list', '--all'])).stdout
    expect(all).toMatch(/\ndemo-task-8 [\s\S]*\ndemo-task-1 [\s\S]*\n\n10 tasks\n$/)
    expect((await done(['tasks', 'list', '--status', 'open'])).stdout).toMatch(/\n\n5 tasks\n$/)
    const oldest = (await done(['tasks', 'list', '--order', 'asc', '-n1', '--all'])).stdout
    expect(oldest).toMatch(/^ID.*\ndemo-task-1 /)
    const none = (await done(['tasks', 'list', '--status', 'open', '--project', 'nothing'])).stdout
    expect(none).toBe('No task matches; leave out a filter to see more.\n')
    const ended = (await done(['tasks', 'list', '--search', 'lakes', '-n', '5'])).stdout
    expect(ended).toBe(
      'No open task matches.\n1 more task ended; with it:\n  purser tasks list --search lakes --all\n',
    )
  })

  test('U9: finds tasks by times, words, titles and metadata', async () => {
    const { done, purser } = workspace()
    await done(create('t-1', '--metadata', '{"team": "web", "size": 3}'))
    await done(create('t-2', '--metadata', '{"team": "api", "size": "3"}'))
    await done(['tasks', 'create', '--id', 't-3', '--title', '东京塔', '--description', 'Café', ...basics])
    const ids = async (...flags: string[]) =>
      (await done(['tasks', 'list', '--json', ...flags])).json<ListData>().data.items.map(({ id }) => id)
    expect(await ids('--metadata', 'team=web')).toEqual(['t-1'])
    expect(await ids('--metadata', 'team=web', '--metadata', 'team=api')).toEqual(['t-2', 't-1'])
    expect(await ids('--metadata', 'size=3')).toEqual(['t-1'])
    expect(await ids('--metadata', 'size="3"')).toEqual(['t-2'])
    expect(await ids('--metadata', 'size=null')).toEqual(['t-3'])
    expect(await ids('--search', '东京')).toEqual(['t-3'])
    expect(await ids('--search', 'CAFÉ')).toEqual(['t-3'])
    expect(await ids('--title', 'Task t-?')).toEqual(['t-2', 't-1'])
    expect(await ids('--since', '1h', '--updated-after', 'yesterday')).toEqual(['t-3', 't-2', 't-1'])
    expect(await ids('--updated-before', '1h')).toEqual([])
    expect(await ids('--until', '2020-01-01')).toEqual([])
    expect((await purser(['tasks', 'list', '--search', '%'])).stderr).toBe(
      'purser: --search must have 1 to 32 words\n',
    )
    expect((await purser(['tasks', 'list', '--since', '1h', '--until', '2h'])).stderr).toBe(
      'purser: --until must not be before --since\n',
    )
    expect((await purser(['tasks', 'list', '--metadata', 'team'])).stderr).toBe(
      'purser: --metadata must be key=value; is "team"\n',
    )
  })

  test('has a filter for every field that can be filtered by', () => {
    expect(missingFlags('list', (spec) => spec.filterable)).toEqual([])
    const nullable = taskDefinition.columns.filter(({ spec }) => spec.filterable && spec.nullable)
    expect(nullable).toHaveLength(commandOf('list').flags?.without?.choices?.length ?? 0)
  })
})
