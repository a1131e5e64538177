// Restores the ancestor's plans from the new layout and the preserved values. A preserved value is
// used only if the current value is still the one derived from it, and only for adopted plans,
// which are those whose profile was never captured.

import { FINDINGS, ORIGINALS } from '../../migrations/preserved-tables.ts'
import { EPOCH } from '../adopted-instants.ts'
import type { AdoptionWriter } from '../expressions.ts'
import { foundValue, original, setAsideValue } from '../preserved-values.ts'
import { jsonColumns, laterTimes, ownTimes, unchanged, wordColumns } from './columns.ts'
import { actorRoles } from './layouts.ts'
import { childTables, isMissing } from './lists.ts'
import { writtenProfile } from './profiles.ts'
import { place, TEXTS, TIMES, VERSION } from './scratch-tables.ts'

export const isAdopted = "plans.effective_profile_snapshot = '{}'"

/**
 * Joins the preserved values of a plan: its times as `times.value`, other texts as `kept.value`.
 */
export const preservedJoin = [
  [TEXTS, 'kept'],
  [TIMES, 'times'],
]
  .map(
    ([column, alias]) =>
      `LEFT JOIN ${ORIGINALS} AS ${alias} ON ${alias}.migration = ${VERSION} AND ${alias}.table_name = 'plans' AND ${alias}.row_id = plans.plan_id AND ${alias}.column_name = '${column}' AND ${isAdopted}`,
  )
  .join('\n')

/** For each column, the expression that gives its earlier value. */
export function oldValues(writer: AdoptionWriter): Readonly<Record<string, string>> {
  const found = (column: string) => `CASE WHEN ${isAdopted} THEN ${foundValue(writer, place(column))} END`
  const kept = (key: string) => writer.jsonText('kept.value', key)
  const isPreserved = (key: string) => writer.jsonHas('kept.value', key)
  const instant = (column: string, empty: string) => {
    const before = `coalesce(${writer.jsonText('times.value', column)}, ${found(column)})`
    const plain = writer.isoOfInstant(`plans.${column}`)
    return `CASE WHEN ${before} IS NOT NULL AND coalesce(${writer.instantOfIso(before)}, ${writer.text(empty)}) = coalesce(${writer.instantOf(`plans.${column}`)}, '') THEN ${before} ELSE ${plain} END`
  }
  const name = legacyName(writer)
  const values: Record<string, string> = {
    root_plan_id: `CASE WHEN ${isAdopted} THEN coalesce(${kept('root_plan_id')}, ${found('root_plan_id')}) ELSE plans.root_plan_id END`,
    attempt: `CASE WHEN plans.attempt = 1 THEN coalesce(${found('attempt')}, ${writer.asText('1')}) ELSE ${writer.asText('plans.attempt')} END`,
    namespaced_name: name,
    namespace: `CASE WHEN ${kept('namespaced_name')} = ${name} THEN ${kept('namespace')} ELSE coalesce(${found('namespace')}, ${writer.before(name, '/')}) END`,
    automation_profile: `coalesce(CASE WHEN ${isAdopted} THEN ${original(writer, place('automation_profile_name'))} END, ${writtenProfile(writer, 'plans.automation_profile_name', 'plans.automation_profile_provenance')})`,
    error_message: `CASE WHEN plans.error_message = '' AND ${isPreserved('error_message')} THEN NULL ELSE plans.error_message END`,
  }
  for (const column of unchanged) values[column] = `plans.${column}`
  values.parent_plan_id = `coalesce(plans.parent_plan_id, ${found('parent_plan_id')})`
  for (const role of actorRoles) values[`${role}_actor`] = `plans.${role}_actor_name`
  for (const column of ownTimes) values[column] = instant(column, EPOCH)
  for (const column of laterTimes) values[column] = instant(column, '')
  values.completed_at = `CASE WHEN ${isPreserved('completed_at')} THEN ${kept('completed_at')} ELSE coalesce(${found('completed_at')}, ${values.applied_at}) END`
  // The ancestor's check constraints would reject the original values of the other columns.
  for (const [old, column, , other] of wordColumns)
    values[old] = other === 'NULL' ? `coalesce(plans.${column}, ${found(column)})` : `plans.${column}`
  for (const [old, column] of jsonColumns) values[old] = `coalesce(plans.${column}, ${found(column)})`
  values.sandbox_refs_json = `CASE WHEN plans.sandbox_refs = '[]' THEN coalesce(${found('sandbox_refs')}, ${kept('sandbox_refs')}) ELSE plans.sandbox_refs END`
  return values
}

/**
 * A root keeps its name, unless it was renamed because another root had it first. A child's name is
 * in its metadata. A plan without a name gets one.
 */
function legacyName(writer: AdoptionWriter): string {
  const before = foundValue(writer, place('name'))
  const made = setAsideValue(writer, place('name'))
  const own = `CASE WHEN ${isAdopted} AND plans.name = ${made} THEN ${before} ELSE plans.name END`
  const child = `CASE WHEN plans.parent_plan_id IS NOT NULL THEN ${writer.jsonText('plans.metadata', 'legacyName')} END`
  const unreadable = `CASE WHEN ${isAdopted} THEN ${foundValue(writer, place('metadata'))} END`
  return `coalesce(${own}, ${child}, ${unreadable}, 'plans/' || plans.plan_id)`
}

/** References that were dangling in the ancestor's rows, and will be again after migrating down. */
export function openReferences(writer: AdoptionWriter) {
  const isMissingPlan = (id: string) =>
    `NOT EXISTS (SELECT 1 FROM plans AS named WHERE named.plan_id = ${id})`
  const parent = foundValue(writer, place('parent_plan_id'))
  const root = `coalesce(${writer.jsonText('kept.value', 'root_plan_id')}, ${foundValue(writer, place('root_plan_id'))})`
  return [
    {
      table: 'v3_plans',
      column: 'parent_plan_id',
      count: `SELECT count(*) FROM (SELECT ${parent} AS parent FROM plans WHERE ${isAdopted} AND plans.parent_plan_id IS NULL) AS detached WHERE parent IS NOT NULL AND ${isMissingPlan('parent')}`,
    },
    {
      table: 'v3_plans',
      column: 'root_plan_id',
      count: `SELECT count(*) FROM (SELECT ${root} AS root FROM plans ${preservedJoin} WHERE ${isAdopted}) AS roots WHERE root IS NOT NULL AND ${isMissingPlan('root')}`,
    },
    {
      table: 'v3_plans',
      column: 'action_name',
      count: `SELECT count(*) FROM plans WHERE NOT EXISTS (SELECT 1 FROM actions WHERE actions.name = plans.action_name) AND ${isLeftOpen(writer, 'plans.action_name')}`,
    },
    ...childTables.map(({ table, column }) => ({
      table,
      column: 'plan_id',
      count: `SELECT count(*) FROM ${FINDINGS} AS kept WHERE ${isMissing(writer, column)}`,
    })),
  ]
}

/**
 * True for the name of an action that was missing when its plans were adopted, and that only those
 * plans refer to.
 */
export function isLeftOpen(writer: AdoptionWriter, name: string): string {
  return `EXISTS (SELECT 1 FROM ${ORIGINALS} AS label WHERE label.migration = ${VERSION} AND label.table_name = 'actions' AND label.row_id = ${name} AND label.column_name = ${writer.text(MISSING)}) AND NOT EXISTS (SELECT 1 FROM plans AS newer WHERE newer.action_name = ${name} AND newer.effective_profile_snapshot <> '{}')`
}

/** Marks an action that plans refer to but that does not exist. */
export const MISSING = 'missing'
