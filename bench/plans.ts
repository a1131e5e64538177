// Rows about plans: create and move including their audit entries, and reading a tree.

import type Database from 'better-sqlite3'
import { codec } from '../src/engines/sqlite/codec.ts'
import { auditEntryDefinition, openStore, type Plan, planDefinition, type Store } from '../src/index.ts'
import { linkTo } from '../src/records/audit-entries/chain.ts'
import { createCodec } from '../src/records/model/record-codec.ts'
import { perOperation, takeTurns, withCallers } from './measure.ts'
import { insertStatement, openAsItComes, openRaw } from './raw.ts'
import type { Row as BenchRow } from './row.ts'

const plans = createCodec(planDefinition, codec, () => undefined)
const entries = createCodec(auditEntryDefinition, codec, () => undefined)

let made = 0

function newPlan() {
  made += 1
  return {
    name: `bench/plan-${made}`,
    actionName: 'bench/build',
    description: 'Build the next part of the parser, with its tests and a page of documentation',
    definitionOfDone: 'Every test passes',
    projects: [{ name: 'bench/parser' }],
    arguments: [{ name: 'language', value: 'typescript' }],
  }
}

/**
 * The raw driver, doing by hand what a create and a move do: the row, and the next entry of the
 * chain.
 */
class RawPlans {
  readonly #handle: Database.Database
  readonly #insert: Database.Statement
  readonly #move: Database.Statement
  readonly #entry: Database.Statement
  #last: { sequence: number; hash: string } | null = null

  constructor(handle: Database.Database) {
    this.#handle = handle
    this.#insert = insertStatement(handle, planDefinition)
    this.#entry = insertStatement(handle, auditEntryDefinition)
    this.#move = handle.prepare(
      'UPDATE plans SET phase = ?, state = ?, updated_at = ?, version = ? WHERE plan_id = ? AND version = ? AND state IN (?)',
    )
  }

  create(sample: readonly Plan[], perCommit: number): Promise<number> {
    const rows = sample.map((plan) => plans.encode(plan))
    return perOperation(rows.length, () =>
      this.#inParts(rows, perCommit, (row) => {
        this.#insert.run(...row)
        this.#note('plan:create', String(row[0]), { parentPlanId: null, version: 1 })
      }),
    )
  }

  /** Moves plans that `create` has made. */
  use(sample: readonly Plan[], perCommit: number): Promise<number> {
    return perOperation(sample.length, () =>
      this.#inParts(sample, perCommit, ({ planId }) => {
        this.#move.run('strategize', 'queued', new Date().toISOString(), 2, planId, 1, 'queued')
        this.#note('plan:use', planId, { from: 'action/queued', to: 'strategize/queued', version: 2 })
      }),
    )
  }

  close(): void {
    this.#handle.close()
  }

  #inParts<T>(items: readonly T[], perCommit: number, write: (item: T) => void): void {
    const part = this.#handle.transaction((slice: readonly T[]) => {
      for (const item of slice) write(item)
    })
    for (let start = 0; start < items.length; start += perCommit)
      part.immediate(items.slice(start, start + perCommit))
  }

  #note(action: string, planId: string, details: { readonly [key: string]: string | number | null }): void {
    const entry = linkTo(this.#last, {
      id: `entry-${action}-${planId}`,
      timestamp: new Date(),
      actor: 'system',
      action,
      subjectType: 'plan',
      subjectId: planId,
      planId,
      taskId: null,
      verdict: 'record',
      riskLevel: 'low',
      reason: null,
      matchedRules: [],
      argumentsHash: null,
      details,
    })
    this.#entry.run(...entries.encode(entry))
    this.#last = entry
  }
}

export async function* planRows(folder: string): AsyncGenerator<BenchRow> {
  yield* writes(folder)
  yield await tree(`${folder}/tree.db`)
}

async function emptyFile(path: string, parameters = ''): Promise<string> {
  await (await openStore(`sqlite:${path}${parameters}`)).close()
  return path
}

async function* writes(folder: string): AsyncGenerator<BenchRow> {
  await using store = await openStore(`sqlite:${folder}/plans-ours.db`)
  const actors = { strategy: 'planner', execution: 'coder' }
  await store.actions.create({ name: 'bench/build', description: 'Build it', actors })
  await using samples = await openStore('sqlite::memory:')
  const asItComes = new RawPlans(
    openAsItComes(await emptyFile(`${folder}/plans-rollback.db`, '?journal=delete')),
  )
  const sets = new RawPlans(openRaw(await emptyFile(`${folder}/plans-sets.db`)))
  const sampled = (count: number) => samples.plans.createMany(Array.from({ length: count }, newPlan))
  let ours: Plan[] = []
  const create = async (count: number) => {
    const inputs = Array.from({ length: count }, newPlan)
    ours = []
    return perOperation(count, () =>
      withCallers(64, count, async (index) => {
        ours.push(await store.plans.create(inputs[index] as ReturnType<typeof newPlan>))
      }),
    )
  }
  const use = (count: number) =>
    perOperation(count, () =>
      withCallers(64, count, (index) => store.plans.use((ours[index] as Plan).planId, { version: 1 })),
    )
  for (const [raw, perCommit, count, against, target] of [
    // Shown without a target: two rows in fourteen indexes limit the gain of one commit for many
    // callers (docs/decisions/0007).
    [asItComes, 1, 200, 'the driver as it comes, one commit per call', null],
    [sets, 64, 1600, '64 of both a transaction', 0.6],
  ] as const) {
    yield row(
      `plans.create with its audit entry, 64 callers, against ${against}`,
      target,
      await takeTurns(7, async () => ({
        ours: await create(1600),
        raw: await raw.create(await sampled(count), perCommit),
      })),
    )
    yield row(
      `plans.use with its audit entry, 64 callers, against ${against}`,
      target,
      await takeTurns(7, async () => {
        const sample = await sampled(count)
        await create(1600)
        await raw.create(sample, 64)
        return { ours: await use(1600), raw: await raw.use(sample, perCommit) }
      }),
    )
  }
  asItComes.close()
  sets.close()
}

function row(
  workload: string,
  ratio: number | null,
  measured: Pick<BenchRow, 'ours' | 'raw' | 'ratio'>,
): BenchRow {
  const target = ratio === null ? ({ kind: 'none' } as const) : ({ kind: 'at least', ratio } as const)
  return { workload, unit: 'µs', target, ...measured }
}

/** 10,000 plans, up to 12 levels deep, against the recursive query by hand. */
async function tree(path: string): Promise<BenchRow> {
  await using store = await openStore(`sqlite:${path}`)
  const root = await filled(store, 10_000)
  const raw = openRaw(path)
  const columns = planDefinition.shape.columns.map((column) => `plans."${column}"`).join(', ')
  const statement = raw.prepare(
    `WITH RECURSIVE tree (id) AS (SELECT ? UNION ALL SELECT plans.plan_id FROM tree JOIN plans ON plans.parent_plan_id = tree.id)
SELECT ${columns} FROM tree JOIN plans ON plans.plan_id = tree.id`,
  )
  const measured = await takeTurns(9, async () => ({
    ours: await perOperation(1, async () => void (await store.plans.tree(root))),
    raw: await perOperation(1, () => void statement.all(root)),
  }))
  raw.close()
  return {
    workload: 'plans.tree of 10,000 plans, against the recursive query by hand',
    unit: 'ms',
    target: { kind: 'at least', ratio: 1 / 3 },
    ours: measured.ours / 1000,
    raw: measured.raw / 1000,
    ratio: measured.ratio,
  }
}

/** Each plan has up to three children. */
async function filled(store: Store, count: number): Promise<string> {
  const { planId } = await store.plans.create(newPlan())
  const above = [planId]
  while (above.length < count) {
    const level = above.slice(Math.floor(above.length / 3), Math.floor(above.length / 3) + 300)
    const children = level.flatMap((parentPlanId) =>
      [1, 2, 3].map(() => ({ ...newPlan(), name: null, parentPlanId })),
    )
    const stored = await store.plans.createMany(children.slice(0, count - above.length))
    above.push(...stored.map((plan) => plan.planId))
  }
  return planId
}
