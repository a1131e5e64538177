// Plans and actions: consistent trees, column names as in the records, profiles separated from
// their provenance, child tables as lists. Each part is described in plans/.

import { FINDINGS } from '../migrations/preserved-tables.ts'
import { legacyPlanIndexes, legacyPlans, legacyRevision, PLANS_REVISION } from './ancestor-layouts.ts'
import type { AdoptionWriter } from './expressions.ts'
import type { AdoptionMigration } from './migration.ts'
import { alignActions, restoreActions } from './plans/actions.ts'
import { joins, newValues, noteProblems, sortOut } from './plans/columns.ts'
import { isAdopted, oldValues, openReferences, preservedJoin } from './plans/down-values.ts'
import { inspectPlans } from './plans/inspect.ts'
import { planGuard, planIndexes, plansTable } from './plans/layouts.ts'
import { childTables, keepChildren, listChildren, restoreChildren } from './plans/lists.ts'
import { alignNames } from './plans/names.ts'
import { readProfiles } from './plans/profiles.ts'
import {
  listsTable,
  namesTable,
  oddTable,
  profilesTable,
  rootsTable,
  textsTable,
  VERSION,
} from './plans/scratch-tables.ts'
import { alignTrees } from './plans/trees.ts'
import { forgetPreserved } from './preserved-values.ts'

const helpers = [rootsTable, profilesTable, listsTable, namesTable, textsTable, oddTable]

function up(writer: AdoptionWriter) {
  return [
    ...writer.renameTable('v3_plans', 'plans'),
    ...alignTrees(writer),
    ...alignNames(writer),
    ...readProfiles(writer),
    ...keepChildren(writer),
    ...listChildren(writer),
    ...sortOut(writer),
    ...noteProblems(writer),
    ...alignActions(writer),
    ...writer.rebuildTable({
      to: plansTable,
      indexes: planIndexes,
      values: newValues(writer),
      joins,
    }),
    ...writer.createGuard(planGuard),
    ...helpers.flatMap((table) => writer.dropTable(table.name)),
    ...childTables.flatMap(({ table }) => writer.dropTable(table)),
    ...writer.dropTable(legacyRevision.name),
  ]
}

function down(writer: AdoptionWriter) {
  return [
    ...restoreChildren(writer),
    ...restoreActions(writer),
    ...writer.rebuildTable({
      to: { ...legacyPlans, name: 'plans' },
      indexes: [],
      values: oldValues(writer),
      joins: preservedJoin,
    }),
    ...writer.renameTable('plans', legacyPlans.name),
    ...legacyPlanIndexes.flatMap((index) => writer.createIndex(index)),
    ...writer.createTable(legacyRevision),
    writer.run(
      'mark the revision',
      `INSERT INTO ${legacyRevision.name} (version_num) VALUES (${writer.text(PLANS_REVISION)})`,
    ),
    ...forgetPreserved(writer, VERSION),
  ]
}

export const plans: AdoptionMigration = {
  version: VERSION,
  name: 'plans',
  breaking: true,
  inspect: inspectPlans,
  up,
  down,
  openReferences,
  losses: (writer) => [
    {
      what: 'captured profiles of plans',
      count: `SELECT count(*) FROM plans WHERE NOT (${isAdopted})`,
    },
    {
      what: 'details of plans (reversions, steps, checkpoints, cancellations, metadata, versions)',
      count: `SELECT count(*) FROM plans WHERE reversion_count <> 0 OR last_completed_step <> -1 OR last_checkpoint_id IS NOT NULL OR cancel_reason IS NOT NULL OR cancelled_at IS NOT NULL OR version > 1 OR coalesce(${writer.jsonWithout('metadata', 'legacyName')}, '') <> '{}' OR parent_plan_id IS NULL AND metadata <> '{}'`,
    },
    {
      what: 'details of actions (profile, actors, metadata, versions)',
      count: `SELECT count(*) FROM actions WHERE automation_profile_name IS NOT NULL OR coalesce(strategy_actor_name, execution_actor_name, review_actor_name, apply_actor_name, estimation_actor_name, invariant_actor_name) IS NOT NULL OR metadata <> '{}' OR version > 1`,
    },
    {
      what: "phases and states that the ancestor's table refuses",
      count: `SELECT count(*) FROM ${FINDINGS} WHERE migration = ${VERSION} AND table_name = 'plans' AND column_name IN ('phase', 'state')`,
    },
  ],
}
