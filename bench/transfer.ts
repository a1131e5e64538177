// Rows about export and import of messages, against a program that selects and stringifies, or
// parses and inserts, with the driver alone: no checksums, no validation of the input, no
// comparison with existing rows.

import { closeSync, createReadStream, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { exportRecords, importRecords, messageDefinition, openStore, type Store } from '../src/index.ts'
import { newMessages } from './inputs.ts'
import { perOperation, type Round, takeTurns } from './measure.ts'
import { insertRows, insertStatement, openRaw } from './raw.ts'
import type { Row } from './row.ts'

const COUNT = 50_000
const PER_COMMIT = 1000

export async function* transferRows(folder: string): AsyncGenerator<Row> {
  const file = `${folder}/messages.jsonl`
  await using store = await openStore(`sqlite:${folder}/messages.db`)
  await store.messages.appendMany(newMessages(COUNT))
  const raw = openRaw(`${folder}/messages.db`)
  const exported = await takeTurns(5, async () => ({
    ours: await perOperation(COUNT, () => exportTo(store, file)),
    raw: await perOperation(COUNT, () => stringifyTo(raw, `${folder}/raw.jsonl`)),
  }))
  // Ratios hold on any machine; 10 µs are 100,000 rows a second.
  yield {
    workload: 'export of messages to a file',
    unit: 'µs',
    target: { kind: 'at least', ratio: 0.4 },
    ...exported,
  }
  raw.close()
  const imported = await takeTurns(3, () => importBoth(folder, file))
  yield {
    workload: 'import of messages from a file',
    unit: 'µs',
    target: { kind: 'at least', ratio: 0.7 },
    ...imported,
  }
}

async function exportTo(store: Store, path: string): Promise<void> {
  const handle = openSync(path, 'w')
  for await (const piece of exportRecords(store)) writeSync(handle, piece)
  closeSync(handle)
}

const { columns, table } = messageDefinition.shape
const names = columns.map((column) => `"${column}"`).join(', ')

function stringifyTo(raw: ReturnType<typeof openRaw>, path: string): void {
  const handle = openSync(path, 'w')
  let text = ''
  for (const row of raw.prepare(`SELECT ${names} FROM ${table} ORDER BY id`).iterate()) {
    text += `${JSON.stringify(row)}\n`
    if (text.length < 65_536) continue
    writeSync(handle, text)
    text = ''
  }
  writeSync(handle, text)
  closeSync(handle)
}

async function importBoth(folder: string, file: string): Promise<Round> {
  const [path, rawPath] = [`${folder}/into.db`, `${folder}/into-raw.db`]
  await (await openStore(`sqlite:${rawPath}`)).close()
  const store = await openStore(`sqlite:${path}`)
  const raw = openRaw(rawPath)
  const round = {
    ours: await perOperation(COUNT, async () => {
      await importRecords(store, createReadStream(file, { highWaterMark: 262_144 }))
    }),
    raw: await perOperation(COUNT, () => parseAndInsert(raw, `${folder}/raw.jsonl`)),
  }
  raw.close()
  await store.close()
  for (const one of [path, rawPath])
    for (const end of ['', '-wal', '-shm']) rmSync(one + end, { force: true })
  return round
}

function parseAndInsert(raw: ReturnType<typeof openRaw>, path: string): void {
  const rows = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const record = JSON.parse(line) as Record<string, unknown>
      return columns.map((column) => record[column])
    })
  insertRows(raw, insertStatement(raw, messageDefinition), rows, PER_COMMIT)
}
