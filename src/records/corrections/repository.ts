// Corrections: read them, and carry out one whose process did not. `decisions.correct` makes them.

import { RecordNotFoundError } from '../../errors.ts'
import { parseOrThrow } from '../model/issues.ts'
import { idRule } from '../model/rules.ts'
import { checkArguments, filter, options, text } from '../repository/arguments.ts'
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
import { CarryOut } from './carry-out.ts'
import { type Correction, type CorrectionFields, correctionDefinition } from './definition.ts'

export type CorrectionFilter = FilterOf<
  CorrectionFields,
  'planId' | 'decisionId' | 'mode' | 'state' | 'requestedBy'
> &
  ChangeRange

export const correctionFilters: OwnFilters = changeRange()

export class CorrectionRepository extends Repository<CorrectionFields> {
  static {
    checkArguments(CorrectionRepository, {
      execute: [text('correctionId')],
      list: [filter, options(pageOptions)],
      count: [filter],
    })
    checkArguments(CorrectionRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  constructor(session: RecordSession) {
    super(correctionDefinition, session)
  }

  /**
   * Carries out a correction that is `pending` or `executing` because the process that made it
   * ended, or its database was away. Where two carry out one at once, one of them does.
   * @returns the correction, `completed`
   * @throws RecordNotFoundError, InvalidTransitionError (it was completed, or has failed),
   * VersionConflictError (another one carries it out), and what `decisions.correct` throws
   */
  async execute(correctionId: string): Promise<Correction> {
    const key = parseOrThrow('correction', idRule, correctionId, ['correctionId'])
    const correction = await this.get(key)
    if (correction === null) throw new RecordNotFoundError('corrections', key)
    return new CarryOut(this.session).execute(correction)
  }

  /** Corrections in the order in which they were asked for. */
  async list(filter: CorrectionFilter = {}, page: PageRequest = {}): Promise<Page<Correction>> {
    return this.page(this.selection(filter, correctionFilters), page)
  }

  /** Every correction that matches a filter, fetched in pages as the loop advances. */
  each(filter: CorrectionFilter = {}, options: OrderRequest = {}): AsyncIterable<Correction> {
    return this.iterate(this.selection(filter, correctionFilters), options)
  }

  async count(filter: CorrectionFilter = {}): Promise<number> {
    return this.countOf(this.selection(filter, correctionFilters))
  }
}
