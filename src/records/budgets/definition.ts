// The budget: how much may be spent on something in a period.

import { z } from 'zod'
import { isTimeZone } from '../../values/time-zone.ts'
import { defineRecord, type NewOf, type PatchOf, type RecordOf, type Rule } from '../model/define-record.ts'
import { boolean, currency, instant, integer, json, money, name, oneOf } from '../model/fields.ts'
import { budgetPeriods, budgetScopes, exceededPolicies } from './enums.ts'
import { sideTables } from './side-tables.ts'

export * from './enums.ts'

const fields = {
  name: name().key().filterable(),
  /** What is counted. A plan is counted with everything below it, whenever that was created. */
  scope: oneOf(budgetScopes).enforced().filterable(),
  /** The project, agent, model, plan or task; null for everything. */
  target: name().nullable().filterable(),
  period: oneOf(budgetPeriods).enforced(),
  /** The IANA time zone by whose clock periods begin and end. */
  timeZone: name().default('UTC'),
  /** The most that may be spent in a period, in units of `currency`. With 0, nothing may be. */
  limit: money().column('limit_amount'),
  /** Costs and reservations in another currency are another matter. */
  currency: currency().default('USD').filterable(),
  /** The share of the limit from which on appends say that it was reached, 0 to 1. */
  warnAt: json<number>(z.number().min(0).max(1), { placeholder: 0.8 }).default(0.8),
  /** Whether a reservation beyond the limit is refused, or held all the same. */
  whenExceeded: oneOf(exceededPolicies).default('refuse').enforced(),
  /** A budget that is not active refuses and tells nothing. */
  active: boolean().default(true).columnDefault(null).filterable(),
  createdAt: instant().managed(),
  updatedAt: instant().managed(),
  version: integer(1).default(1).managed(),
}

export type BudgetFields = typeof fields
/** A budget as read from the store. */
export type Budget = RecordOf<BudgetFields>
/** The input of `budgets.create`. */
export type NewBudget = NewOf<BudgetFields>
/** The fields that `budgets.update` may change: all but the name. */
export type BudgetPatch = PatchOf<BudgetFields>

const targetFitsScope: Rule<BudgetFields> = ({ scope, target }) => {
  if ((target === null) === (scope === 'everything')) return []
  const message =
    target === null ? `is required for the scope ${scope}` : 'must be left out for the scope everything'
  return [{ path: ['target'], code: 'rule', message }]
}

const zoneExists: Rule<BudgetFields> = ({ timeZone }) =>
  isTimeZone(timeZone)
    ? []
    : [
        {
          path: ['timeZone'],
          code: 'time_zone',
          message: 'must be a time zone of the IANA database, for example Europe/Berlin',
        },
      ]

/**
 * How much may be spent on everything, or on a project, an agent, a model, a plan with its tree or
 * a task: in total, or in each hour, day, week or month of a time zone.
 */
export const budgetDefinition = defineRecord({
  name: 'budget',
  table: 'budgets',
  key: 'name',
  order: { fields: ['name'], direction: 'asc' },
  fields,
  storage: { indexes: { target: ['scope', 'target'] }, beside: sideTables },
  rules: [targetFitsScope, zoneExists],
})
