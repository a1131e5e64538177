// Lists of checkpoints, without their states.

import type { FilterOf, OwnFilters } from '../repository/filters.ts'
import type { OrderRequest, Page, PageRequest } from '../repository/page.ts'
import { Repository } from '../repository/repository.ts'
import type { RecordSession } from '../repository/session.ts'
import { sinceUntil, type TimeRange } from '../repository/time-range.ts'
import {
  type PlanCheckpointSummary,
  type PlanCheckpointSummaryFields,
  planCheckpointSummaryDefinition,
} from './definition.ts'

export type PlanCheckpointFilter = FilterOf<PlanCheckpointSummaryFields, 'planId' | 'alias' | 'tool'> &
  TimeRange

export const planCheckpointFilters: OwnFilters = sinceUntil('createdAt')

export class PlanCheckpointSummaries extends Repository<PlanCheckpointSummaryFields> {
  constructor(session: RecordSession) {
    super(planCheckpointSummaryDefinition, session)
  }

  list(filter: PlanCheckpointFilter, page: PageRequest): Promise<Page<PlanCheckpointSummary>> {
    return this.page(this.selection(filter, planCheckpointFilters), page)
  }

  each(filter: PlanCheckpointFilter, options: OrderRequest): AsyncIterable<PlanCheckpointSummary> {
    return this.iterate(this.selection(filter, planCheckpointFilters), options)
  }

  count(filter: PlanCheckpointFilter): Promise<number> {
    return this.countOf(this.selection(filter, planCheckpointFilters))
  }
}
