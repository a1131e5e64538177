// Rows about writing: append and create with 64 callers and with one, against the raw driver on the same schema.

import type { Row as BenchRow } from './row.ts'
import { newCostRecords, newMessages, newTasks } from './inputs.ts'
import { perOperation, takeTurns, withCallers } from './measure.ts'
import { insertRows, insertStatement, openRaw } from './raw.ts'
import { costRecordDefinition, messageDefinition, openStore, type Store, taskDefinition } from '../src/index.ts'
import { createCodec, type RecordDefinition } from '../src/records/define-record.ts'
import { codec } from '../src/engines/sqlite/codec.ts'

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

/** The rows that the store would write for inputs, so that the raw driver writes exactly the same. */
function rowsOf(subject: Subject, inputs: readonly object[]): readonly (readonly unknown[])[] {
  const records = createCodec(subject.definition, codec, () => undefined)
  return inputs.map((input) => records.encode({ ...subject.definition.parseNew(input), ...subject.completed(input) }))
}

export async function* writeRows(folder: string): AsyncGenerator<BenchRow> {
  for (const subject of subjects) {
    const base = `${folder}/${subject.name}`
    await using ours = await openStore(`sqlite:${base}-ours.db`)
    await (await openStore(`sqlite:${base}-each.db`)).close()
    await (await openStore(`sqlite:${base}-sets.db`)).close()
    const each = openRaw(`${base}-each.db`)
    const sets = openRaw(`${base}-sets.db`)
    const insertEach = insertStatement(each, subject.definition)
    const insertSets = insertStatement(sets, subject.definition)
    const writeOurs = async (callers: number, count: number) => {
      const inputs = subject.inputs(count)
      return perOperation(count, () => withCallers(callers, count, (index) => subject.write(ours, inputs[index] as never)))
    }
    const writeEach = (count: number) => {
      const rows = rowsOf(subject, subject.inputs(count))
      return perOperation(count, () => insertRows(each, insertEach, rows, 1))
    }
    const writeSets = (count: number) => {
      const rows = rowsOf(subject, subject.inputs(count))
      return perOperation(count, () => insertRows(sets, insertSets, rows, 64))
    }
    yield {
      workload: `${subject.name}, 64 callers, against one commit per call`,
      unit: 'µs',
      target: { kind: 'at least', ratio: 20 },
      ...(await takeTurns(9, async () => ({ ours: await writeOurs(64, 3200), raw: await writeEach(400) }))),
    }
    yield {
      workload: `${subject.name}, 64 callers, against 64 rows a transaction`,
      unit: 'µs',
      target: { kind: 'at least', ratio: 0.6 },
      ...(await takeTurns(9, async () => ({ ours: await writeOurs(64, 3200), raw: await writeSets(3200) }))),
    }
    yield {
      workload: `${subject.name}, 1 caller, against one commit per call`,
      unit: 'µs',
      target: { kind: 'at least', ratio: 0.85 },
      ...(await takeTurns(9, async () => ({ ours: await writeOurs(1, 400), raw: await writeEach(400) }))),
    }
    each.close()
    sets.close()
  }
}
