// Recent entries about one kind of subject, as seen by a transaction.

import { createCodec } from '../model/record-codec.ts'
import type { RecordSession, Runner } from '../repository/session.ts'
import { type AuditEntry, auditEntryDefinition } from './definition.ts'

/** In no particular order. */
export async function recentEntries(
  session: RecordSession,
  runner: Pick<Runner, 'read'>,
  subjectType: string,
  since: Date,
): Promise<readonly AuditEntry[]> {
  const { shape } = auditEntryDefinition
  const values = [subjectType, session.engine.codec.encode.instant(since)]
  const query = session.statements.query('audit_entries recent', values, (builder, slot) =>
    builder
      .selectFrom(shape.table)
      .select([...shape.columns])
      .where('subject_type', '=', slot(0))
      .where('timestamp', '>', slot(1)),
  )
  const codec = createCodec(auditEntryDefinition, session.engine.codec, () => undefined)
  return (await runner.read(query)).map((row) => codec.decode(row))
}
