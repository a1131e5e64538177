// Read-only access to plans: lists, the plans above and below one, and their cost.

import { z } from 'zod'
import type { Row } from '../../engines/contract/engine.ts'
import { CorruptRecordError } from '../../errors.ts'
import type { CostTotal } from '../cost-records/aggregate.ts'
import { CostRecordRepository } from '../cost-records/repository.ts'
import { parseOrThrow } from '../model/issues.ts'
import { idRule } from '../model/rules.ts'
import { checkArguments, checkedLater, filter, options, text } from '../repository/arguments.ts'
import {
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import { VersionedRepository } from '../repository/versioned-repository.ts'
import type { Plan, PlanFields } from './definition.ts'
import { type PlanFilter, planFilters } from './filter.ts'
import { ancestorsQuery, buildTree, type PlanTree, placeInTree, subtreeQuery } from './tree.ts'

export abstract class PlanReader extends VersionedRepository<PlanFields> {
  static {
    checkArguments(PlanReader, {
      list: [filter, options(pageOptions)],
      count: [filter],
      children: [text('planId'), options(pageOptions)],
      ancestors: [text('planId')],
      tree: [text('planId')],
      cost: [text('planId'), options({ tree: z.boolean(), currency: checkedLater })],
    })
    checkArguments(PlanReader, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  /** Plans by creation time, then id. */
  async list(filter: PlanFilter = {}, page: PageRequest = {}): Promise<Page<Plan>> {
    return this.page(this.selection(filter, planFilters), page)
  }

  /** Every plan that matches a filter, fetched in pages as the loop advances. */
  each(filter: PlanFilter = {}, options: OrderRequest = {}): AsyncIterable<Plan> {
    return this.iterate(this.selection(filter, planFilters), options)
  }

  async count(filter: PlanFilter = {}): Promise<number> {
    return this.countOf(this.selection(filter, planFilters))
  }

  /** The plans that refine a plan, by creation time, then id. */
  children(id: string, page: PageRequest = {}): Promise<Page<Plan>> {
    return this.list({ parentPlanId: parseOrThrow('id of the plan', idRule, id) }, page)
  }

  /**
   * The ancestors of a plan, from its parent to its root; empty for a root and for an unknown plan.
   * @throws CorruptRecordError if one of them cannot be read: a gap would imply wrong parents
   */
  async ancestors(id: string): Promise<readonly Plan[]> {
    const key = parseOrThrow('id of the plan', idRule, id)
    const query = this.session.statements.query('plans above', [key], (builder, slot) =>
      ancestorsQuery(builder, this.definition.shape, slot),
    )
    const rows = await this.session.read(query)
    const { items, corrupt } = this.decodeRows(rows)
    const [unreadable] = corrupt
    if (unreadable) throw new CorruptRecordError(unreadable.table, unreadable.id, unreadable.column)
    const byId = new Map(items.map((plan) => [plan.planId, plan]))
    const line: Plan[] = []
    // Each plan is visited once, so that a cycle of parents ends.
    for (let plan = byId.get(key); plan; plan = byId.get(plan.parentPlanId ?? '')) {
      byId.delete(plan.planId)
      line.push(plan)
    }
    return line.slice(1)
  }

  /**
   * A plan and everything below it, read in one query at any depth; null if there is no such plan.
   * @throws CorruptRecordError if the plan itself cannot be read; unreadable plans below it are
   * listed in `corrupt`
   * @example
   * const tree = await store.plans.tree(root.planId)
   * for (const { plan, level } of tree?.nodes.values() ?? []) console.log('  '.repeat(level - 1) + plan.description)
   */
  async tree(id: string): Promise<PlanTree | null> {
    const key = parseOrThrow('id of the plan', idRule, id)
    const rows = await this.session.read(this.subtree(key))
    return rows.length === 0 ? null : this.toTree(rows, key)
  }

  /**
   * The exact cost of a plan; with `tree`, including everything below it.
   * @throws MixedCurrencyError if the records are in several currencies and none is requested;
   * InvalidRecordError if a token count exceeds what a number holds exactly
   */
  async cost(
    id: string,
    options: { readonly tree?: boolean | undefined; readonly currency?: string | undefined } = {},
  ): Promise<CostTotal<never>> {
    const { tree, currency } = options
    const [total] = await new CostRecordRepository(this.session).aggregate({ planId: id, tree, currency })
    return total as CostTotal<never>
  }

  /** The rows of a plan and of everything below it. */
  protected subtree(id: string) {
    return this.session.statements.query('plans below', [id], (builder, slot) =>
      subtreeQuery(builder, this.definition.shape, slot),
    )
  }

  /** @throws CorruptRecordError if the plan at the top cannot be read */
  protected toTree(rows: readonly Row[], id: string): PlanTree {
    const { shape } = this.definition
    const corrupt: PlanTree['corrupt'][number][] = []
    const placed = rows.map((row) => {
      const { record, fault } = this.decodeRow(row)
      if (fault) corrupt.push(fault)
      return { ...placeInTree(row, shape), plan: record }
    })
    const top = corrupt.find((fault) => fault.id === id)
    if (top) throw new CorruptRecordError(top.table, top.id, top.column)
    return buildTree(placed, id, corrupt)
  }
}
