// The replacement for a word outside its enumeration. A safe word triggers nothing by itself:
// whoever is responsible reviews the record and moves it. docs/operations.md documents the table.

import type { Row, WireValue } from '../engines/contract/engine.ts'
import type { Column, RecordDefinition } from '../records/model/define-record.ts'
import { statesOfPhase } from '../records/plans/definition.ts'

/** Words other than the field's default. */
const words: Readonly<Record<string, string>> = {
  // No work continues until the task is assigned.
  'tasks.status': 'interrupted',
  'tasks.type': 'admin',
  // It requires no action.
  'messages.type': 'announcement',
  // No plan is made from it by mistake.
  'actions.state': 'archived',
}

/** The last phase that a plan has reached, by its timestamps. */
const phases = [
  ['apply_started_at', 'apply'],
  ['execute_started_at', 'execute'],
  ['strategize_started_at', 'strategize'],
] as const

type Cells = (column: string) => WireValue

/**
 * The replacements for invalid words, by column. Null is not a word.
 * @param bad columns with invalid words
 * @returns undefined for a column without a safe word
 */
export function safeWords(
  definition: RecordDefinition,
  bad: readonly Column[],
  row: Row,
): ReadonlyMap<string, string | null | undefined> {
  const { table, columns } = definition.shape
  const cells: Cells = (column) => row[columns.indexOf(column)] ?? null
  const chosen = new Map(bad.map((column) => [column.name, safeWord(table, column)]))
  if (table === 'plans' && (chosen.has('phase') || chosen.has('state'))) choosePlace(chosen, cells)
  return chosen
}

function safeWord(table: string, { name, spec }: Column): string | null | undefined {
  const word = words[`${table}.${name}`]
  if (word !== undefined) return word
  if (spec.nullable) return null
  return typeof spec.initial === 'string' ? spec.initial : undefined
}

/**
 * Phase and state must be consistent. A plan whose state is lost is set to errored: `retry` or
 * `cancel` continue from there.
 */
function choosePlace(chosen: Map<string, string | null | undefined>, cells: Cells): void {
  const reached = phases.find(([stamp]) => cells(stamp) !== null)?.[1] ?? 'action'
  const phase = chosen.has('phase') ? reached : (String(cells('phase')) as keyof typeof statesOfPhase)
  const state = cells('state')
  if (chosen.has('phase')) chosen.set('phase', phase)
  const fits =
    !chosen.has('state') && (statesOfPhase[phase] as readonly unknown[] | undefined)?.includes(state)
  if (!fits) chosen.set('state', phase === 'action' ? 'queued' : 'errored')
}
