// Rows about writing: append and create with 64 callers and with one, against the raw driver on the
// same schema.

import type Database from 'better-sqlite3'
import { codec } from '../src/engines/sqlite/codec.ts'
import {
  costRecordDefinition,
  messageDefinition,
  openStore,
  type Store,
  taskDefinition,
} from '../src/index.ts'
import type { RecordDefinition } from '../src/records/model/define-record.ts'
import { createCodec } from '../src/records/model/record-codec.ts'
import { changeRows } from './changes.ts'
import { newCostRecords, newMessages, newTasks } from './inputs.ts'
import { perOperation, type Round, takeTurns, withCallers } from './measure.ts'
import { insertRows, insertStatement, openAsItComes, openRaw } from './raw.ts'
import type { Row as BenchRow } from './row.ts'
import { taskLinkRows } from './task-links.ts'

interface Subject {
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: one list of three different records
  readonly definition: RecordDefinition<any>
  readonly inputs: (count: number) => readonly object[]
  readonly write: (store: Store, input: never) => Promise<unknown>
  /** What the store adds before it writes. */
  readonly completed: (input: object) => object
}

const subjects: readonly Subject[] = [
  {
    name: 'messages.append',
    definition: messageDefinition,
    inputs: newMessages,
    write: (store, input) => store.messages.append(input),
    completed: (input) => input,
  },
  {
    name: 'tasks.create',
    definition: taskDefinition,
    inputs: newTasks,
    write: (store, input) => store.tasks.create(input),
    completed: (input) => ({ ...input, createdAt: new Date(), updatedAt: new Date(), version: 1 }),
  },
  {
    name: 'costRecords.append',
    definition: costRecordDefinition,
    inputs: newCostRecords,
    write: (store, input) => store.costRecords.append(input),
    completed: (input) => input,
  },
]

/**
 * The rows that the store would write for inputs, so that the raw driver writes exactly the same.
 */
function rowsOf(subject: Subject, inputs: readonly object[]): readonly (readonly unknown[])[] {
  const records = createCodec(subject.definition, codec, () => undefined)
  return inputs.map((input) =>
    records.encode({ ...subject.definition.parseNew(input), ...subject.completed(input) }),
  )
}

/** The raw driver on a separate file with the store's schema. */
class RawWriter {
  readonly #handle: Database.Database
  readonly #insert: Database.Statement
  readonly #subject: Subject

  constructor(handle: Database.Database, subject: Subject) {
    this.#handle = handle
    this.#subject = subject
    this.#insert = insertStatement(handle, subject.definition)
  }

  write(count: number, perCommit: number): Promise<number> {
    const rows = rowsOf(this.#subject, this.#subject.inputs(count))
    return perOperation(count, () => insertRows(this.#handle, this.#insert, rows, perCommit))
  }

  close(): void {
    this.#handle.close()
  }
}

/** A file with the store's schema and no rows. */
async function emptyFile(path: string, parameters = ''): Promise<string> {
  await (await openStore(`sqlite:${path}${parameters}`)).close()
  return path
}

export async function* writeRows(folder: string): AsyncGenerator<BenchRow> {
  for (const subject of subjects) {
    const { name } = subject
    const base = `${folder}/${name}`
    await using store = await openStore(`sqlite:${base}-ours.db`)
    const asItComes = new RawWriter(
      openAsItComes(await emptyFile(`${base}-rollback.db`, '?journal=delete')),
      subject,
    )
    const each = new RawWriter(openRaw(await emptyFile(`${base}-each.db`)), subject)
    const sets = new RawWriter(openRaw(await emptyFile(`${base}-sets.db`)), subject)
    const ours = (callers: number, count: number) => {
      const inputs = subject.inputs(count)
      return perOperation(count, () =>
        withCallers(callers, count, (index) => subject.write(store, inputs[index] as never)),
      )
    }
    const row = async (
      workload: string,
      target: BenchRow['target'],
      round: () => Promise<Round>,
    ): Promise<BenchRow> => ({
      workload: `${name}, ${workload}`,
      unit: 'µs',
      target,
      ...(await takeTurns(9, round)),
    })
    yield await row(
      '64 callers, against the driver as it comes, one commit per call',
      { kind: 'at least', ratio: 20 },
      async () => ({
        ours: await ours(64, 3200),
        raw: await asItComes.write(200, 1),
      }),
    )
    yield await row(
      '64 callers, against the driver with a write-ahead log, one commit per call',
      { kind: 'none' },
      async () => ({
        ours: await ours(64, 3200),
        raw: await each.write(400, 1),
      }),
    )
    yield await row(
      '64 callers, against 64 rows a transaction',
      { kind: 'at least', ratio: 0.6 },
      async () => ({
        ours: await ours(64, 3200),
        raw: await sets.write(3200, 64),
      }),
    )
    yield await row('1 caller, against one commit per call', { kind: 'at least', ratio: 0.85 }, async () => ({
      ours: await ours(1, 400),
      raw: await each.write(400, 1),
    }))
    asItComes.close()
    each.close()
    sets.close()
  }
  await using store = await openStore(`sqlite:${folder}/links.db`)
  yield* taskLinkRows('SQLite', store)
  await using kept = await openStore(`sqlite:${folder}/changes.db`)
  await using without = await openStore({ url: `sqlite:${folder}/no-changes.db`, changes: false })
  yield* changeRows('SQLite', kept, without)
}
