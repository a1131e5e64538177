// The report of a run of migrations, built from what the run did and from the database as it is
// afterwards.

import type { Engine } from '../engines/contract/engine.ts'
import { FINDINGS_VERSION } from './chain.ts'
import { FINDINGS } from './preserved-tables.ts'
import type { FinishedMigration } from './step-runner.ts'

export interface MigrationReport {
  readonly from: number
  readonly to: number
  /**
   * The migrations that were applied, or reverted if `to` is below `from`, in the order in which
   * they ran.
   */
  readonly applied: readonly {
    readonly version: number
    readonly name: string
    readonly durationMs: number
  }[]
  /** What the applied migrations had to decide. */
  readonly findings: { readonly total: number; readonly byProblem: Readonly<Record<string, number>> }
  /** True if an ancestor's tables were adopted. */
  readonly adopted: boolean
  /** The number of rows of each table, if tables were adopted. */
  readonly rows: Readonly<Record<string, number>>
  /** The path of the backup, if one was made. */
  readonly backup: string | null
}

/** What a run did. */
export interface RunOutcome {
  /** In the order in which they ran, up or down. */
  readonly applied: readonly FinishedMigration[]
  /** The halves of an ancestor's database that were adopted. */
  readonly adopted: readonly string[]
  readonly backup: string | null
}

/**
 * Builds the report of a finished run. Going up it counts, from the database, the findings that
 * these versions recorded; going down there are none.
 */
export async function reportRun(
  engine: Engine,
  { from, to }: Pick<MigrationReport, 'from' | 'to'>,
  { applied, adopted, backup }: RunOutcome,
): Promise<MigrationReport> {
  const versions = to > from ? applied.map(({ version }) => version) : []
  const hasFindings = versions.some((version) => version > FINDINGS_VERSION)
  const byProblem = hasFindings ? await countFindings(engine, versions) : {}
  const total = Object.values(byProblem).reduce((sum, count) => sum + count, 0)
  return {
    from,
    to,
    applied,
    findings: { total, byProblem },
    adopted: adopted.length > 0,
    rows: await countRows(engine, adopted),
    backup,
  }
}

/** The findings of these migrations, by problem. */
async function countFindings(engine: Engine, versions: readonly number[]): Promise<Record<string, number>> {
  const { sql } = engine.builder
    .selectFrom(FINDINGS)
    .select((eb) => ['migration', 'problem', eb.fn.countAll().as('count')])
    .groupBy(['migration', 'problem'])
    .orderBy('problem')
    .compile()
  const counts: Record<string, number> = {}
  for (const [migration, problem, count] of await engine.read({ sql, parameters: [] })) {
    if (versions.includes(Number(migration)))
      counts[String(problem)] = (counts[String(problem)] ?? 0) + Number(count)
  }
  return counts
}

/** The rows of the tables that were adopted, by their current names. */
async function countRows(engine: Engine, halves: readonly string[]): Promise<Record<string, number>> {
  if (halves.length === 0) return {}
  const wanted = [
    ...(halves.includes('operations') ? ['tasks', 'cost_records', 'messages'] : []),
    ...(halves.includes('plans') ? ['v3_plans', 'plans', 'actions'] : []),
  ]
  const { tables } = await engine.schema.introspect()
  const rows: Record<string, number> = {}
  for (const table of wanted.filter((name) => tables.some((live) => live.name === name))) {
    const { sql } = engine.builder
      .selectFrom(table)
      .select((eb) => eb.fn.countAll().as('count'))
      .compile()
    const [row] = await engine.read({ sql, parameters: [] })
    rows[table] = Number(row?.[0] ?? 0)
  }
  return rows
}
