// Filters of lists of decisions.

import { InvalidRecordError } from '../../errors.ts'
import type { FilterOf, OwnFilter, OwnFilters } from '../repository/filters.ts'
import { sinceUntil, type TimeRange } from '../repository/time-range.ts'
import type { DecisionFields } from './definition.ts'

export type DecisionFilter = FilterOf<DecisionFields, 'planId' | 'rootPlanId' | 'parentDecisionId' | 'type'> &
  TimeRange & {
    /** Only those that count, or only those that were superseded. */
    readonly live?: boolean | undefined
  }

const live: OwnFilter = (name, filter, { plural, column }) => {
  const given = filter[name]
  if (typeof given !== 'boolean') {
    const message = 'must be true or false'
    throw new InvalidRecordError(`filter of ${plural}`, [{ path: [name], code: 'type', message }])
  }
  const sql = `${column('supersededBy')} is ${given ? '' : 'not '}null`
  return { conditions: [], extra: { key: sql, query: { sql, parameters: [] } } }
}

export const decisionFilters: OwnFilters = { ...sinceUntil('createdAt'), live }
