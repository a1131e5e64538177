// Steps of plans, read only: `plans.step` records them, and the moves of plans drop them.

import { checkArguments, filter, options } from '../repository/arguments.ts'
import type { FilterOf, OwnFilters } from '../repository/filters.ts'
import {
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import { Repository } from '../repository/repository.ts'
import type { RecordSession } from '../repository/session.ts'
import { type ChangeRange, changeRange } from '../repository/time-range.ts'
import { type PlanStep, type PlanStepFields, planStepDefinition } from './definition.ts'

export type PlanStepFilter = FilterOf<PlanStepFields, 'planId' | 'planPhase' | 'status'> & ChangeRange

export const planStepFilters: OwnFilters = changeRange()

export class PlanStepRepository extends Repository<PlanStepFields> {
  static {
    checkArguments(PlanStepRepository, {
      list: [filter, options(pageOptions)],
      count: [filter],
    })
    checkArguments(PlanStepRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  constructor(session: RecordSession) {
    super(planStepDefinition, session)
  }

  /**
   * Steps of any plans, in the order in which they were first recorded; `plans.steps` has those of
   * one plan in their own order.
   * @example await store.planSteps.list({ status: 'failed' }, { order: 'desc', limit: 10 })
   */
  async list(filter: PlanStepFilter = {}, page: PageRequest = {}): Promise<Page<PlanStep>> {
    return this.page(this.selection(filter, planStepFilters), page)
  }

  /** Every step that matches a filter, fetched as the loop advances. */
  each(filter: PlanStepFilter = {}, options: OrderRequest = {}): AsyncIterable<PlanStep> {
    return this.iterate(this.selection(filter, planStepFilters), options)
  }

  async count(filter: PlanStepFilter = {}): Promise<number> {
    return this.countOf(this.selection(filter, planStepFilters))
  }
}
