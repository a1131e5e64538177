// Where the trail was cut: the rows of `audit_cuts` and the chain entries that confirm them.

import type { Row } from '../../engines/contract/engine.ts'
import { type AuditCut, auditCutDefinition } from '../audit-cuts/definition.ts'
import { createCodec } from '../model/record-codec.ts'
import type { RecordSession, Runner } from '../repository/session.ts'
import { hashOf } from './chain.ts'
import type { AuditEntry } from './definition.ts'

/** The action and the subject type of the entry that confirms a cut. */
export const CUT_ACTION = 'audit:cut'
export const CUT_SUBJECT = 'audit'

/** All cuts, newest first. */
export async function readCuts(
  session: RecordSession,
  runner: Pick<Runner, 'read'> = session,
): Promise<readonly AuditCut[]> {
  const { shape } = auditCutDefinition
  const query = session.statements.query('audit_cuts all', [], (builder) =>
    builder
      .selectFrom(shape.table)
      .select([...shape.columns])
      .orderBy('sequence', 'desc'),
  )
  const rows: readonly Row[] = await runner.read(query)
  const codec = createCodec(auditCutDefinition, session.engine.codec, () => undefined)
  return rows.map((row) => codec.decode(row))
}

/** Whether one of these entries matches the cut and is intact. */
export function isConfirmed(cut: AuditCut, entries: readonly AuditEntry[]): boolean {
  return entries.some(
    (entry) =>
      entry.action === CUT_ACTION &&
      entry.sequence > cut.sequence &&
      isRecord(entry.details) &&
      entry.details.sequence === cut.sequence &&
      entry.details.hash === cut.hash &&
      hashOf(entry) === entry.hash,
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
