// Totals that the database updates with every insert: over everything, over one dimension, or over
// one value of a dimension.

import type { Query } from '../../engines/contract/engine.ts'
import type { Condition } from '../repository/conditions.ts'
import { applySelection, type Selection, shapeOf, valuesOf } from '../repository/selection.ts'
import type { RecordSession } from '../repository/session.ts'
import type { CostGrouping } from './enums.ts'
import type { Bucket } from './periods.ts'
import { keptCounts, keptDimensions, selectSums } from './sums.ts'

/** The query over running totals, if they can answer; else undefined. */
export function fromTotals(
  session: RecordSession,
  groupings: readonly (CostGrouping | Bucket)[],
  { conditions, extra }: Selection,
): Query | undefined {
  const [grouping, ...others] = groupings
  const partitionBy = conditions.filter((condition) => condition.column === 'currency')
  const [condition, ...more] = conditions.filter((candidate) => candidate.column !== 'currency')
  if (others.length > 0 || more.length > 0 || (condition && extra)) return undefined
  const filtered = extra ? 'plan' : condition && groupingOf(condition)
  if (condition && filtered === undefined) return undefined
  const dimension = dimensionOf(grouping, filtered)
  if (dimension === undefined) return undefined
  const ofMembers = {
    conditions: [...(condition ? [ofMember(condition)] : []), ...partitionBy],
    extra: extra && { ...extra, query: { ...extra.query, sql: extra.query.sql.replace(/^\S+/, 'member') } },
  }
  const isDay = typeof grouping === 'object' && grouping.bucket === 'day'
  const values = [dimension, ...valuesOf(ofMembers)]
  return session.statements.query(
    `cost_totals ${grouping === undefined ? '' : dimension}${isDay ? ' day' : ''} ${shapeOf(ofMembers)}`,
    values,
    (builder, slot) => {
      const member = isDay ? 'substr(member, 1, 10)' : 'member'
      const keys = grouping === undefined ? [] : [member]
      const query = selectSums(builder, session.engine.exactSums, 'cost_totals', keys, keptCounts).where(
        'dimension',
        '=',
        slot(0),
      )
      return applySelection(query, ofMembers, slot, 1)
    },
  )
}

/** The dimension that has the totals of a grouping, for all records or those of a filter. */
function dimensionOf(
  grouping: CostGrouping | Bucket | undefined,
  filtered: CostGrouping | undefined,
): string | undefined {
  if (typeof grouping === 'object') {
    return filtered === undefined && grouping.bucket !== 'quarter' ? 'hour' : undefined
  }
  if (filtered !== undefined && grouping !== undefined && filtered !== grouping) return undefined
  const dimension = grouping ?? filtered ?? 'provider'
  return keptDimensions[dimension]?.total === true ? dimension : undefined
}

function groupingOf(condition: Condition): CostGrouping | undefined {
  if (isBound(condition)) return undefined
  return (Object.keys(keptDimensions) as CostGrouping[]).find(
    (grouping) => keptDimensions[grouping]?.column === condition.column,
  )
}

function isBound({ operator }: Condition): boolean {
  return operator === '>=' || operator === '>' || operator === '<'
}

/** In the totals, the empty member means "has none". */
function ofMember(condition: Condition): Condition {
  if (condition.operator === 'is null') return { column: 'member', operator: '=', values: [''] }
  if (condition.operator === 'in or null') {
    return { column: 'member', operator: 'in', values: [...condition.values, ''] }
  }
  return { ...condition, column: 'member' }
}
