// The table of attachments in a place of an engine, and its rows.

import { onTestFinished } from 'vitest'
import type { Engine, Query, Row, WriteOperation } from '../../../../src/engines/contract/engine.ts'
import { layoutStatements } from '../../../../src/engines/core/layout-statements.ts'
import { createCodec } from '../../../../src/records/model/record-codec.ts'
import { attachmentDefinition as definition } from './definition.ts'

const { shape } = definition

/** Connects the engine until the test has finished, and creates the table. */
export async function attachmentsOn(engine: Engine) {
  await engine.connect()
  onTestFinished(() => engine.disconnect())
  await engine.schema.exclusively(async (session) => {
    for (const { sql } of layoutStatements(definition.layouts, engine.schema.writer(new Date())))
      await session.execute(sql)
  })
  const codec = createCodec(definition, engine.codec, () => undefined)
  const insert = (id: string, content: Uint8Array): WriteOperation => ({
    kind: 'insert',
    shape,
    row: codec.encode({ id, title: 'T', content, preview: null, version: 1 }),
  })
  const change = (id: string, changes: object): WriteOperation => ({
    kind: 'compareAndSet',
    shape,
    key: id,
    ...codec.encodeChanges({ ...changes, version: 2 }),
    expect: { column: 'version', value: codec.encodeField('version', 1) },
  })
  const rows = (): Promise<readonly Row[]> => {
    const { sql } = engine.builder
      .selectFrom(shape.table)
      .select([...shape.columns])
      .orderBy('id')
      .compile()
    return engine.read({ sql, parameters: [] } satisfies Query)
  }
  const read = async () => (await rows()).map((row) => codec.decode(row))
  return { engine, codec, insert, change, rows, read }
}
