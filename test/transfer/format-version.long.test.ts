// The version of the format says alone what lines hold: files of every version stay readable, and
// no field changes without a new one.

import { createReadStream, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { importRecords } from '../../src/index.ts'
import { FORMAT_VERSION } from '../../src/transfer/rows/file-format.ts'
import { recordKinds } from '../../src/transfer/rows/record-kind.ts'
import { recordLinesOf } from '../support/transfer/files.ts'
import { placeNames, source } from '../support/transfer/places.ts'

const folder = new URL('../support/exports/', import.meta.url)
/** Written once by a build of that version, and never again. */
const files: Readonly<Record<number, string>> = {
  1: 'version-1.jsonl',
  2: 'version-2.jsonl',
  3: 'version-3.jsonl',
}

test.each(Object.entries(files))('a file of version %s is read on every engine', async (version, name) => {
  const path = fileURLToPath(new URL(name, folder))
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ formatVersion: Number(version) })
  const kinds = new Set(lines.slice(1, -1).map((line) => String(JSON.parse(line).type)))
  expect(kinds.size).toBeGreaterThanOrEqual(9)
  for (const place of placeNames) {
    const store = await source(place)
    const report = await importRecords(store, createReadStream(path))
    expect(report).toMatchObject({ stored: lines.length - 2, failed: 0 })
    expect(await store.audit.verify()).toMatchObject({ ok: true })
    // Lines of this version come out as they came in.
    if (Number(version) === FORMAT_VERSION) expect(await recordLinesOf(store)).toEqual(lines.slice(1, -1))
  }
})

test('a change of the fields of any record is a new version of the format', () => {
  const fields = Object.fromEntries(
    recordKinds.map(({ type, definition }) => [
      type,
      definition.columns.map(({ field, member, kind }) => `${field}${member ? `.${member}` : ''} ${kind}`),
    ]),
  )
  // Where this fails: raise FORMAT_VERSION, add a step to `upgrades`, keep a file of the version
  // before beside the others, and describe the change in docs/export-format.md. Then write the
  // fields of the new version. A new kind of record is only added.
  const path = fileURLToPath(new URL(`fields-${FORMAT_VERSION}.json`, folder))
  expect(fields).toMatchObject(JSON.parse(readFileSync(path, 'utf8')))
})
