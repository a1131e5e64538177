// Plans and actions: the tree made true, names of the records, profiles apart from their provenance, child tables as lists.

import type { SchemaWriter } from '../../engines/schema.ts'
import type { Migration } from '../migration.ts'
import {
  legacyActions,
  legacyPlanArguments,
  legacyPlanIndexes,
  legacyPlanInvariants,
  legacyPlanProjects,
  legacyPlans,
  legacyRevision,
  PLANS_REVISION,
} from './ancestor-layouts.ts'
import { actionIndexes, actionsTable, planGuard, planIndexes, plansTable } from './plan-layouts.ts'

const VERSION = 6

function up(writer: SchemaWriter) {
  return [
    ...['plan_projects', 'plan_arguments', 'plan_invariants', 'alembic_version'].flatMap((table) =>
      writer.dropTable(table),
    ),
    ...writer.renameTable('v3_plans', 'plans'),
    ...writer.rebuildTable({
      to: plansTable,
      indexes: planIndexes,
      values: {
        plan_id: 'plan_id',
        parent_plan_id: 'parent_plan_id',
        root_plan_id: 'coalesce(root_plan_id, plan_id)',
        name: 'CASE WHEN parent_plan_id IS NULL THEN namespaced_name END',
        action_name: 'action_name',
        description: 'description',
        phase: 'phase',
        state: 'processing_state',
        automation_profile_name: "'balanced'",
        automation_profile_provenance: "'global'",
        effective_profile_snapshot: "'{}'",
        created_at: writer.toInstant('created_at'),
        updated_at: writer.toInstant('updated_at'),
      },
    }),
    ...writer.createGuard(planGuard),
    ...writer.rebuildTable({
      to: actionsTable,
      indexes: actionIndexes,
      values: {
        name: 'namespaced_name',
        description: 'description',
        definition_of_done: 'definition_of_done',
        state: 'state',
        created_at: writer.toInstant('created_at'),
        updated_at: writer.toInstant('updated_at'),
      },
    }),
  ]
}

function down(writer: SchemaWriter) {
  return [
    ...writer.rebuildTable({
      to: legacyActions,
      indexes: [],
      values: {
        namespaced_name: 'name',
        namespace: 'name',
        name: 'name',
        state: 'state',
        description: 'description',
        created_at: 'created_at',
        updated_at: 'updated_at',
      },
    }),
    ...writer.rebuildTable({
      to: { ...legacyPlans, name: 'plans' },
      indexes: [],
      values: {
        plan_id: 'plan_id',
        parent_plan_id: 'parent_plan_id',
        namespaced_name: 'coalesce(name, plan_id)',
        namespace: 'plan_id',
        action_name: 'action_name',
        description: 'description',
        phase: 'phase',
        processing_state: 'state',
        created_at: 'created_at',
        updated_at: 'updated_at',
      },
    }),
    ...writer.renameTable('plans', 'v3_plans'),
    ...legacyPlanIndexes.flatMap((index) => writer.createIndex(index)),
    ...[legacyPlanProjects, legacyPlanArguments, legacyPlanInvariants, legacyRevision].flatMap((table) =>
      writer.createTable(table),
    ),
    writer.run(
      'mark the revision',
      `INSERT INTO alembic_version (version_num) VALUES (${writer.text(PLANS_REVISION)})`,
    ),
  ]
}

export const plans: Migration = { version: VERSION, name: 'plans', breaking: true, up, down }
