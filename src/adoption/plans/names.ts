// Plan names, which are unique among roots. Of several roots with the same name the first keeps it,
// and each later one gets a suffix.

import type { MigrationStatement } from '../../engines/contract/schema.ts'
import { EPOCH } from '../adopted-instants.ts'
import type { AdoptionWriter } from '../expressions.ts'
import { noteFinding, setAside } from '../preserved-values.ts'
import { namesTable, place } from './scratch-tables.ts'

const roots = 'SELECT namespaced_name FROM plans WHERE parent_plan_id IS NULL'

/** Statements that make the names of root plans unique. */
export function alignNames(writer: AdoptionWriter): readonly MigrationStatement[] {
  const created = `coalesce(${writer.instantOfIso('created_at')}, ${writer.text(EPOCH)})`
  const renamed = place('name', `plans JOIN ${namesTable.name} AS renamed ON renamed.plan_id = plans.plan_id`)
  return [
    ...writer.createTable(namesTable),
    writer.run(
      'find names that several roots have',
      `INSERT INTO ${namesTable.name} (plan_id, name)
SELECT plan_id, namespaced_name || '-' || CASE
  WHEN namespaced_name || '-' || turn NOT IN (${roots}) THEN ${writer.asText('turn')}
  WHEN namespaced_name || '-' || plan_id NOT IN (${roots}) THEN plan_id
  ELSE plan_id || '-' || turn
END
FROM (
  SELECT plan_id, namespaced_name, row_number() OVER (PARTITION BY namespaced_name ORDER BY ${created}, plan_id) AS turn
  FROM plans
  WHERE parent_plan_id IS NULL AND namespaced_name IN (${roots} GROUP BY namespaced_name HAVING count(*) > 1)
) AS repeated
WHERE turn > 1`,
    ),
    noteFinding(writer, renamed, 'name-repeated', 'plans.namespaced_name', 'true'),
    // Setting aside the generated name lets `down` detect whether it was changed since.
    setAside(writer, renamed, 'renamed.name', 'true'),
  ]
}
