// A chain of plans of any length, filled by SQL for speed.

import Database from 'better-sqlite3'

/** The id of a plan by its level, from 0. */
export const chainedId = (number: number) => `01ARZ3NDEKTSV4RRFFQ${String(number).padStart(7, '0')}`

/** Copies the plan `chainedId(0)` `length` times, each copy below the one before. */
export function makeChain(file: string, length: number): void {
  const handle = new Database(file)
  const columns = (handle.pragma('table_info(plans)') as { name: string }[]).map(({ name }) => name)
  const other: Readonly<Record<string, string>> = {
    plan_id: "'01ARZ3NDEKTSV4RRFFQ' || printf('%07d', number)",
    parent_plan_id: "'01ARZ3NDEKTSV4RRFFQ' || printf('%07d', number - 1)",
    name: 'NULL',
    description: "'level ' || (number + 1)",
  }
  handle.exec(`
    WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ${length})
    INSERT INTO plans (${columns.join()})
    SELECT ${columns.map((column) => other[column] ?? column).join()} FROM numbers, plans WHERE plan_id = '${chainedId(0)}'`)
  handle.close()
}
