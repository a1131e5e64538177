// Task counts by group.

import type { Row } from '../../engines/contract/engine.ts'
import { InvalidRecordError } from '../../errors.ts'
import { taskGroupings } from './enums.ts'

export type TaskGrouping = (typeof taskGroupings)[number]

/** One group: its keys (null where tasks have none), and how many tasks it has. */
export type TaskCount<G extends TaskGrouping = TaskGrouping> = { readonly [K in G]: string | null } & {
  readonly count: number
}

const columns: Readonly<Record<TaskGrouping, string>> = {
  status: 'status',
  priority: 'priority',
  type: 'type',
  complexity: 'estimated_complexity',
  assignee: 'assigned_to',
  creator: 'created_by',
  project: 'project',
  plan: 'plan_id',
  parent: 'parent_task_id',
}

/** @throws InvalidRecordError unless it is one grouping, or several without duplicates */
export function parseGroupings(by: unknown): readonly TaskGrouping[] {
  const groupings: readonly unknown[] = Array.isArray(by) ? by : [by]
  const known = groupings.every((grouping) => taskGroupings.some((word) => word === grouping))
  if (known && groupings.length > 0 && new Set(groupings).size === groupings.length) {
    return groupings as readonly TaskGrouping[]
  }
  const message = `must be one or several of ${taskGroupings.join(', ')}, each at most once`
  throw new InvalidRecordError('counts of tasks', [{ path: ['by'], code: 'grouping', message }])
}

/** The column of each grouping. */
export function columnsOfGroupings(groupings: readonly TaskGrouping[]): readonly string[] {
  return groupings.map((grouping) => columns[grouping])
}

/** @param rows the keys of each group and its count, in any order */
export function toCounts(groupings: readonly TaskGrouping[], rows: readonly Row[]): readonly TaskCount[] {
  const counts = rows.map((row) => {
    const keys = groupings.map((grouping, index) => [
      grouping,
      row[index] === null ? null : String(row[index]),
    ])
    return { ...Object.fromEntries(keys), count: Number(row.at(-1)) } as TaskCount
  })
  return counts.sort((a, b) => b.count - a.count || compareKeys(a, b, groupings))
}

/** Key by key; a group without a key comes before those with one. */
function compareKeys(a: TaskCount, b: TaskCount, groupings: readonly TaskGrouping[]): number {
  for (const grouping of groupings) {
    const [one, other] = [a[grouping] ?? '', b[grouping] ?? '']
    if (one !== other) return one < other ? -1 : 1
  }
  return 0
}
