// Filters of plan lists that columns alone cannot say: a pattern of names, and a project among several.

import type { Matching, Query } from '../../engines/engine.ts'
import type { FilterOf } from '../filters.ts'
import { parseOrThrow } from '../issues.ts'
import { nameRule } from '../rules.ts'
import type { ExtraCondition } from '../selection.ts'
import type { PlanFields } from './definition.ts'

/**
 * Filters of plan lists; several mean AND, a list of values means any of them, null means "has none". `name` may be a pattern, in which
 * `*` stands for any characters and `?` for one; `project` is the name of one of the plan's projects.
 */
export type PlanFilter = FilterOf<
  PlanFields,
  'phase' | 'state' | 'actionName' | 'rootPlanId' | 'parentPlanId'
> & {
  readonly name?: string | undefined
  readonly project?: string | undefined
}

/** Fields of a filter that are handled here. */
export const ownFields: ReadonlySet<string> = new Set(['name', 'project'])

export function extraConditions(filter: PlanFilter, matching: Matching): ExtraCondition | undefined {
  const parts: (readonly [key: string, query: Query])[] = []
  if (filter.name !== undefined) {
    const pattern = parseOrThrow('name of the filter', nameRule, filter.name)
    parts.push(['name', matching.like('plans.name', pattern)])
  }
  if (filter.project !== undefined) {
    const project = parseOrThrow('project of the filter', nameRule, filter.project)
    parts.push(['project', matching.listHas('plans.projects', 'name', project)])
  }
  if (parts.length === 0) return undefined
  return {
    key: parts.map(([key]) => key).join(),
    query: {
      sql: parts.map(([, { sql }]) => sql).join(' and '),
      parameters: parts.flatMap(([, { parameters }]) => parameters),
    },
  }
}
