// What an append says about budgets. A cost that was incurred is always recorded, so all that can
// be done about a budget is to say that it was reached: in the answer, and by an event, once per
// period and level over all programs.

import { hash } from 'node:crypto'
import type { Engine, TableShape } from '../../engines/contract/engine.ts'
import { events } from '../../observability/events.ts'
import { formatMoney } from '../../values/money.ts'
import type { CostRecord } from '../cost-records/definition.ts'
import { createCodec, type RecordCodec } from '../model/record-codec.ts'
import type { RecordSession } from '../repository/session.ts'
import { type Call, counts, readBudgets, readPlansAbove } from './call.ts'
import { type Budget, type BudgetFields, budgetDefinition } from './definition.ts'
import type { BudgetLevel } from './enums.ts'
import { levelOf, shareOf } from './levels.ts'
import { NOTICES } from './period-totals.ts'
import { keepPeriods, type Period, periodOf, readKept, shownPeriod } from './periods.ts'
import { BudgetPresence } from './presence.ts'
import { type BudgetState, readStates } from './states.ts'

/** A budget that was reached: `warned` from its `warnAt` on, `exceeded` beyond its limit. */
export interface BudgetNotice {
  readonly budget: string
  readonly level: Exclude<BudgetLevel, 'within'>
  /** What was spent in the period, with this record. */
  readonly spent: string
  readonly limit: string
  readonly currency: string
  /** Spent, as a share of the limit. */
  readonly share: number
  /** From `begin`, included, to `end`, excluded; both null for all time. */
  readonly period: { readonly begin: Date | null; readonly end: Date | null }
}

/** A cost record as stored, and the budgets that it reached, if there are any. */
export type AppendedCost = CostRecord & { readonly budgets?: readonly BudgetNotice[] }

/**
 * The records with the budgets that they reached, outside of a transaction all of one tick
 * together. Never throws: the records are stored, whatever becomes of what is said about them.
 */
export async function withNotices(
  session: RecordSession,
  records: readonly CostRecord[],
): Promise<readonly AppendedCost[]> {
  if (records.length === 0) return records
  try {
    if (!(await BudgetPresence.of(session).ask(session))) return records
    // A transaction watches its calls.
    const found = await (session.watch
      ? look(session, records, false)
      : Looks.of(session).add(session, records))
    return records.map((record, index) => {
      const budgets = found[index] ?? []
      return budgets.length === 0 ? record : { ...record, budgets }
    })
  } catch {
    return records
  }
}

type Found = readonly (readonly BudgetNotice[])[]

/** Appends whose batch was committed at once are looked at together. */
class Looks {
  static readonly #looks = new WeakMap<Engine, Looks>()

  static of({ engine }: RecordSession): Looks {
    const looks = Looks.#looks.get(engine) ?? new Looks()
    Looks.#looks.set(engine, looks)
    return looks
  }

  #next: { readonly records: CostRecord[]; readonly found: Promise<Found> } | undefined

  async add(session: RecordSession, records: readonly CostRecord[]): Promise<Found> {
    const next = this.#next ?? this.#begin(session)
    const first = next.records.length
    next.records.push(...records)
    return (await next.found).slice(first, first + records.length)
  }

  #begin(session: RecordSession) {
    const records: CostRecord[] = []
    const found = new Promise<void>((resolve) => queueMicrotask(() => process.nextTick(resolve))).then(() => {
      this.#next = undefined
      return look(session, records, true)
    })
    this.#next = { records, found }
    return this.#next
  }
}

interface Concern {
  readonly budget: Budget
  readonly period: Period
}

/**
 * @param mayKeep begins to keep the totals of present periods; a transaction would make others wait
 */
async function look(
  session: RecordSession,
  records: readonly CostRecord[],
  mayKeep: boolean,
): Promise<Found> {
  const calls: readonly Call[] = records
  const above = await readPlansAbove(session, session, calls)
  const budgets = await readBudgets(session, session, codecOf(session), calls, above, false)
  const concerns = new Map<string, Concern>()
  const ofRecords = records.map((record) =>
    budgets
      .filter((budget) => counts(budget, record, above))
      .map((budget) => {
        const period = periodOf(budget, record.timestamp)
        const key = `${budget.name} ${period.id}`
        concerns.set(key, { budget, period })
        return key
      }),
  )
  const known = await knownOnly(session, concerns, mayKeep)
  const states = await readStates(session, session, [...known.values()], new Date())
  const notices = new Map<string, BudgetNotice>()
  for (const [index, [key, concern]] of [...known].entries()) {
    const notice = noticeOf(concern, states[index] as BudgetState)
    if (notice) notices.set(key, notice)
  }
  for (const [key, notice] of notices) await publish(session, known.get(key) as Concern, notice)
  return ofRecords.map((keys) => keys.flatMap((key) => notices.get(key) ?? []))
}

/** Those whose totals are kept; sums of records would be taken for every append. */
async function knownOnly(
  session: RecordSession,
  concerns: ReadonlyMap<string, Concern>,
  mayKeep: boolean,
): Promise<ReadonlyMap<string, Concern>> {
  const periods = [...concerns.values()].map(({ period }) => period)
  const kept = new Set(await readKept(session, session, periods))
  const now = Date.now()
  const present = periods.filter(
    ({ id, begin, last }) => !kept.has(id) && begin.getTime() <= now && now <= last.getTime(),
  )
  if (mayKeep && present.length > 0) {
    await session.inTransaction((runner) => keepPeriods(session, runner, present))
    for (const { id } of present) kept.add(id)
  }
  return new Map([...concerns].filter(([, { period }]) => kept.has(period.id)))
}

function noticeOf({ budget, period }: Concern, { spent }: BudgetState): BudgetNotice | undefined {
  const level = levelOf(budget, spent)
  if (level === 'within') return undefined
  return {
    budget: budget.name,
    level,
    spent: formatMoney(spent),
    limit: budget.limit,
    currency: budget.currency,
    share: shareOf(budget, spent),
    period: shownPeriod(budget, period),
  }
}

/** Events that this store published, or knows that another program did. */
const published = new WeakMap<Engine, Set<string>>()
const MOST_KNOWN = 10_000

const noticeShape: TableShape = {
  table: NOTICES,
  columns: ['id', 'budget'],
  kinds: ['text', 'text'],
  key: 'id',
  references: [],
}

/** Publishes the events of a level and those below it, each once in a period: by who notes it. */
async function publish(
  session: RecordSession,
  { budget, period }: Concern,
  notice: BudgetNotice,
): Promise<void> {
  const known = published.get(session.engine) ?? new Set()
  published.set(session.engine, known)
  const levels = notice.level === 'exceeded' ? (['warned', 'exceeded'] as const) : (['warned'] as const)
  for (const level of levels) {
    const id = hash('sha256', JSON.stringify([budget.name, period.id, level]), 'hex')
    if (known.has(id)) continue
    const outcome = await session.write({ kind: 'insert', shape: noticeShape, row: [id, budget.name] })
    if (known.size >= MOST_KNOWN) known.clear()
    const event = level === 'warned' ? events.budgetWarned : events.budgetExceeded
    session.whenCommitted(() => {
      known.add(id)
      if (outcome.kind === 'stored') session.events.emit(event, { name: budget.name, share: notice.share })
    })
  }
}

const codecs = new WeakMap<Engine, RecordCodec<BudgetFields>>()

function codecOf({ engine }: RecordSession): RecordCodec<BudgetFields> {
  const codec = codecs.get(engine) ?? createCodec(budgetDefinition, engine.codec, () => undefined)
  codecs.set(engine, codec)
  return codec
}
