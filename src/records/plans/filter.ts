// Filters of plan lists that columns alone cannot express: a name pattern, and one of several
// projects.

import { parseOrThrow } from '../model/issues.ts'
import { nameRule } from '../model/rules.ts'
import type { FilterOf, OwnFilters } from '../repository/filters.ts'
import { patternOf } from '../repository/pattern.ts'
import { type ChangeRange, changeRange } from '../repository/time-range.ts'
import type { PlanFields } from './definition.ts'

/**
 * Filters of plan lists; several mean AND, a list of values means any of them, null means "has
 * none". `name` may be a pattern, in which `*` matches any characters and `?` one; `project` is the
 * name of one of the plan's projects.
 */
export type PlanFilter = FilterOf<
  PlanFields,
  'phase' | 'state' | 'actionName' | 'rootPlanId' | 'parentPlanId'
> &
  ChangeRange & {
    readonly name?: string | undefined
    readonly project?: string | undefined
  }

export const planFilters: OwnFilters = {
  ...changeRange(),
  name: patternOf('name'),
  project: (name, filter, { plural, matching }) => {
    const project = parseOrThrow(`filter of ${plural}`, nameRule, filter[name], [name])
    return {
      conditions: [],
      extra: { key: 'project', query: matching.listHas('plans.projects', 'name', project) },
    }
  },
}
