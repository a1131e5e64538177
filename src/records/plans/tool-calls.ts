// The limits of frozen profiles on a plan's calls of tools: how many there may be, and whether its
// tokens are used up. A plan's limit counts everything below it. The number of calls is in the
// audit trail, in the last entry about the plan whose profile sets the limit; that plan's row is
// locked while the next one is written, so exactly as many callers are allowed as fit.

import type { WireValue, WriteOperation } from '../../engines/contract/engine.ts'
import { auditEntryDefinition } from '../audit-entries/definition.ts'
import type { AuditEvent, AuditTrail } from '../audit-entries/trail.ts'
import { createCodec } from '../model/record-codec.ts'
import { lockedRow } from '../repository/database-time.ts'
import { type RecordSession, type Runner, writeAll } from '../repository/session.ts'
import { planDefinition } from './definition.ts'
import { type Guards, tokensOfTree } from './frozen-guards.ts'

/** Why a tool may not be used now: the guard, or that a guard cannot be read. */
export type ToolRule = 'deniedTools' | 'maxToolCalls' | 'maxTokens' | 'unreadableProfile'

/** A tool that a plan wants to use. */
export interface ToolUse {
  readonly planId: string
  readonly tool: string
}

/** Entries that count have this kind of subject, and the plan with the limit as subject. */
const COUNTED = 'plan guard'

/**
 * Counts the use of a tool, unless a limit is reached: then it is counted nowhere.
 * @param guards of the plan and the plans above it
 * @returns the rule that forbids it, undefined if none does
 */
export async function countToolUse(
  session: RecordSession,
  trail: AuditTrail,
  use: ToolUse,
  guards: ReadonlyMap<string, Guards>,
): Promise<ToolRule | undefined> {
  for (const [planId, { maxTokens }] of guards)
    if (maxTokens !== null && (await tokensOfTree(session, session, planId)) >= maxTokens) return 'maxTokens'
  const limits = [...guards]
    .flatMap(([planId, { maxToolCalls: most }]) => (most === null ? [] : [{ planId, most }]))
    .sort((a, b) => (a.planId < b.planId ? -1 : 1))
  if (limits.length === 0) return undefined
  return session.inTransaction(async (runner) => {
    const entries: WriteOperation[] = []
    for (const { planId, most } of limits) {
      await lockedRow(session, runner, planDefinition, planId)
      const toolCalls = (await callsUntilNow(session, runner, planId)) + 1
      if (!(toolCalls <= most)) return 'maxToolCalls'
      entries.push({ kind: 'append', chain: trail.entry(entryOf(use, planId, toolCalls)) })
    }
    await writeAll(runner, entries)
    return undefined
  })
}

/** NaN if the number cannot be read. */
async function callsUntilNow(
  { engine, statements }: RecordSession,
  runner: Pick<Runner, 'read'>,
  planId: string,
): Promise<number> {
  const sql =
    'select details from audit_entries where subject_type = ? and subject_id = ? order by sequence desc limit 1'
  const parameters: readonly WireValue[] = [COUNTED, planId]
  const [row] = await runner.read(statements.raw(sql, sql, parameters))
  if (row === undefined) return 0
  const codec = createCodec(auditEntryDefinition, engine.codec, () => undefined)
  const details = codec.decodeField('details', row[0] ?? null) as { readonly toolCalls?: unknown } | null
  return typeof details?.toolCalls === 'number' ? details.toolCalls : Number.NaN
}

function entryOf({ planId, tool }: ToolUse, limitedPlan: string, toolCalls: number): AuditEvent {
  return {
    action: 'tool:use',
    subjectType: COUNTED,
    subjectId: limitedPlan,
    planId,
    verdict: 'allow',
    matchedRules: ['maxToolCalls'],
    details: { tool, toolCalls },
  }
}
