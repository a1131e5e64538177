// The rule that an entry may not say that a tool was allowed which the frozen profile of its plan
// denies.

import { ToolDeniedError } from '../../errors.ts'
import { readGuards } from '../plans/frozen-guards.ts'
import type { RecordSession } from '../repository/session.ts'
import { readTaskLinks } from '../repository/task-links.ts'
import type { Violation } from '../rules/enforce.ts'
import type { AuditEntry } from './definition.ts'

/** Whether an entry says that a tool was allowed, the only one that can break the rule. */
export function allowsTool({ subjectType, subjectId, verdict }: AuditEntry): boolean {
  return subjectType === 'tool' && verdict === 'allow' && subjectId !== null
}

/** @returns undefined if the entry breaks no rule */
export async function deniedTool(session: RecordSession, entry: AuditEntry): Promise<Violation | undefined> {
  const { subjectId: tool, taskId } = entry
  if (!allowsTool(entry) || tool === null) return undefined
  const ofTask = async () =>
    taskId === null ? null : ((await readTaskLinks(session, session, [taskId])).get(taskId)?.planId ?? null)
  const planId = entry.planId ?? (await ofTask())
  if (planId === null) return undefined
  const guards = (await readGuards(session, session, [planId])).get(planId)
  if (guards === undefined || guards === 'unreadable' || !guards.deniedTools.includes(tool)) return undefined
  return {
    rule: 'deniedTools',
    message: 'the frozen profile of the plan denies the tool',
    error: () => new ToolDeniedError(planId, tool),
  }
}
