// Lists of parked runs, without their states.

import { InvalidRecordError } from '../../errors.ts'
import type { FilterOf, OwnFilter, OwnFilters } from '../repository/filters.ts'
import type { OrderRequest, Page, PageRequest } from '../repository/page.ts'
import { Repository } from '../repository/repository.ts'
import type { RecordSession } from '../repository/session.ts'
import { sinceUntil, type TimeRange } from '../repository/time-range.ts'
import {
  type ParkedRunSummary,
  type ParkedRunSummaryFields,
  parkedRunSummaryDefinition,
} from './definition.ts'

export type ParkedRunFilter = FilterOf<
  ParkedRunSummaryFields,
  'agentId' | 'taskId' | 'planId' | 'approvalId' | 'format'
> &
  TimeRange & {
    /** Only those that were resumed, or only those that wait. */
    readonly resumed?: boolean | undefined
  }

const resumed: OwnFilter = (name, filter, { plural, column }) => {
  const given = filter[name]
  if (typeof given !== 'boolean') {
    const message = 'must be true or false'
    throw new InvalidRecordError(`filter of ${plural}`, [{ path: [name], code: 'type', message }])
  }
  const sql = `${column('resumedAt')} is ${given ? 'not ' : ''}null`
  return { conditions: [], extra: { key: sql, query: { sql, parameters: [] } } }
}

export const parkedRunFilters: OwnFilters = { ...sinceUntil('createdAt'), resumed }

export class ParkedRunSummaries extends Repository<ParkedRunSummaryFields> {
  constructor(session: RecordSession) {
    super(parkedRunSummaryDefinition, session)
  }

  list(filter: ParkedRunFilter, page: PageRequest): Promise<Page<ParkedRunSummary>> {
    return this.page(this.selection(filter, parkedRunFilters), page)
  }

  each(filter: ParkedRunFilter, options: OrderRequest): AsyncIterable<ParkedRunSummary> {
    return this.iterate(this.selection(filter, parkedRunFilters), options)
  }

  count(filter: ParkedRunFilter): Promise<number> {
    return this.countOf(this.selection(filter, parkedRunFilters))
  }
}
