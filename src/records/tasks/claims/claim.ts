// Claims: those of one tick are decided in one transaction. Rows that others have locked are left
// out instead of waited for, so no claim waits for another one's, and each task is claimed once.

import type { WriteOperation } from '../../../engines/contract/engine.ts'
import { makeUlid } from '../../../values/ids.ts'
import type { RecordSession, Runner } from '../../repository/session.ts'
import { writeAll } from '../../repository/session.ts'
import type { Task } from '../definition.ts'
import { ANYONE, nextReady, type Prospect, taskRow } from './candidates.ts'
import { type ClaimContext, type ClaimMove, moveOf, readTask, timeIn } from './moves.ts'
import type { ParsedClaim } from './options.ts'

/** A task as a claim returns it. */
export type ClaimedTask = Task & {
  readonly status: 'in_progress'
  readonly assignedTo: string
  readonly claimId: string
  readonly leaseExpiresAt: Date
}

/** What a group of claims did. */
export interface Claims {
  /** The moves of each claim, in the order of the claims. */
  readonly moves: readonly (readonly ClaimMove[])[]
  /** Agents without a record, and stopped ones: their beat is more than a statement. */
  readonly unseen: readonly string[]
}

/** The most rows that one claim reads beyond its limit, over those that it cannot take. */
const MAX_PASSED_OVER = 1000

/**
 * Decides claims in their order.
 * @param prospect says whose tasks are worth looking for; read before the transaction
 */
export async function claimTogether(
  context: ClaimContext,
  runner: Runner,
  claims: readonly ParsedClaim[],
  { owners }: Pick<Prospect, 'owners'>,
): Promise<Claims> {
  const taken = new Set<string>()
  const pools = new Map<string, Pool>()
  const poolOf = (owner: string, claim: ParsedClaim): Pool => {
    const key = JSON.stringify([owner, claim.project, claim.type, claim.planId, claim.tree])
    const pool = pools.get(key) ?? new Pool(context, runner, owner, claim)
    pools.set(key, pool)
    return pool
  }
  for (const claim of claims) {
    for (const owner of [ANYONE, claim.agent])
      if (owners.has(owner)) poolOf(owner, claim).wanted += claim.limit
  }
  const moves: ClaimMove[][] = []
  for (const claim of claims) {
    const found: Candidate[] = []
    for (const owner of [claim.agent, ANYONE])
      if (owners.has(owner)) found.push(...(await poolOf(owner, claim).free(claim, taken)))
    const chosen = found.sort(byOrder).slice(0, claim.limit)
    const claimId = makeUlid()
    moves.push(
      chosen.map(({ task, now }) => {
        taken.add(task.id)
        return moveOf(context, 'claim', task, {
          status: 'in_progress',
          assignedTo: claim.agent,
          claimId,
          leaseExpiresAt: new Date(now.getTime() + claim.lease),
          attempt: task.attempt + 1,
          availableAt: null,
        })
      }),
    )
  }
  return write(context.session, runner, claims, moves)
}

interface Candidate {
  readonly task: Task
  readonly now: Date
  /** The position in the order of an owner's ready tasks. */
  readonly urgency: number
}

const urgencies: Readonly<Record<Task['priority'], number>> = { critical: 0, high: 1, medium: 2, low: 3 }

function byOrder(a: Candidate, b: Candidate): number {
  return (
    a.urgency - b.urgency ||
    a.task.createdAt.getTime() - b.task.createdAt.getTime() ||
    (a.task.id < b.task.id ? -1 : 1)
  )
}

/** The ready tasks of an owner under one filter, locked as far as they are needed. */
class Pool {
  /** How many the claims of the group may take together. */
  wanted = 0
  readonly #context: ClaimContext
  readonly #runner: Runner
  readonly #owner: string
  readonly #filter: ParsedClaim
  #found: readonly Candidate[] | undefined
  #read = 0

  constructor(context: ClaimContext, runner: Runner, owner: string, filter: ParsedClaim) {
    this.#context = context
    this.#runner = runner
    this.#owner = owner
    this.#filter = filter
  }

  /** Those that a claim can take, in order, at most its limit. */
  async free(claim: ParsedClaim, taken: ReadonlySet<string>): Promise<readonly Candidate[]> {
    this.#found ??= await this.#look(this.wanted)
    for (;;) {
      const free = this.#found.filter(({ task }) => !taken.has(task.id) && mayTake(claim, task))
      // What was passed over may have hidden others behind it.
      const passedOver = this.#read - free.length - taken.size
      const isEnd = this.#read < this.#limit
      if (free.length >= claim.limit || isEnd || passedOver > MAX_PASSED_OVER) {
        return free.slice(0, claim.limit)
      }
      this.#found = await this.#look(this.#limit * 2)
    }
  }

  #limit = 0

  async #look(limit: number): Promise<readonly Candidate[]> {
    const { session, codec } = this.#context
    this.#limit = limit
    const rows = await this.#runner.read(nextReady(session, this.#owner, this.#filter, limit))
    this.#read = rows.length
    return rows.flatMap((row): readonly Candidate[] => {
      const task = readTask(codec, taskRow(row))
      if (task instanceof Error) return []
      return [{ task, now: timeIn(session, row), urgency: urgencies[task.priority] }]
    })
  }
}

/** The queue says that it is ready; the rules of a task have a word too. */
function mayTake({ agent }: ParsedClaim, { status, assignedTo, delegationChain }: Task): boolean {
  const isOpen = status === 'created' || status === 'interrupted'
  return (isOpen || (status === 'assigned' && assignedTo === agent)) && !delegationChain.includes(agent)
}

/** Stores the claims and the beats of their agents; agents come first, in one order for all. */
async function write(
  session: RecordSession,
  runner: Runner,
  claims: readonly ParsedClaim[],
  moves: readonly (readonly ClaimMove[])[],
): Promise<Claims> {
  const agents = [
    ...new Set(claims.filter((_, index) => moves[index]?.length).map(({ agent }) => agent)),
  ].sort()
  const operations = moves.flat().map(({ operation }) => operation)
  if (operations.length === 0) return { moves, unseen: [] }
  const beats = agents.map((agent) => beat(session, agent))
  const outcomes = await writeAll(runner, [...beats, ...operations])
  const unseen = agents.filter((_, index) => {
    const outcome = outcomes[index]
    return outcome?.kind !== 'executed' || outcome.count === 0
  })
  let next = beats.length
  // A row that is not as it was read was taken by another worker.
  const made = moves.map((each) =>
    each.filter(() => {
      next += 1
      return outcomes[next - 1]?.kind === 'updated'
    }),
  )
  return { moves: made, unseen }
}

function beat({ engine, statements }: RecordSession, agent: string): WriteOperation {
  const sql = `update agents set last_seen_at = ${engine.locking.now} where id = ? and status <> 'stopped'`
  return { kind: 'execute', query: statements.raw(sql, sql, [agent]) }
}
