// Exports into files: there whole, or not there at all; nobody else may read them, and nothing is
// replaced unless that is asked for.

import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { exportToFile, type Store, TransferError } from '../../src/index.ts'
import { hashOf, modeOf, scratchFolder } from '../support/scratch.ts'
import { canMount, smallDisk } from '../support/small-disk.ts'
import { exportText } from '../support/transfer/files.ts'
import { source } from '../support/transfer/places.ts'

async function storeOf(messages: number): Promise<Store> {
  const store = await source()
  await store.messages.appendMany(
    Array.from({ length: messages }, (_, index) => ({
      sender: 'ada',
      to: 'bo',
      channel: 'deck',
      type: 'announcement' as const,
      content: `${index} ${'x'.repeat(500)}`,
    })),
  )
  return store
}

const withoutHeader = (text: string) => text.slice(text.indexOf('\n'))

test('a file has what the lines are, and so has a compressed one', async () => {
  const store = await storeOf(600)
  const folder = scratchFolder()
  const text = withoutHeader(await exportText(store))
  const plain = await exportToFile(store, join(folder, 'all.jsonl'))
  const packed = await exportToFile(store, join(folder, 'all.jsonl.gz'))
  const written = readFileSync(plain.path, 'utf8')
  expect(withoutHeader(written)).toBe(text)
  expect(withoutHeader(gunzipSync(readFileSync(packed.path)).toString())).toBe(text)
  expect([plain.records, plain.bytes, plain.fileBytes]).toEqual([600, written.length, written.length])
  expect(packed.fileBytes).toBeLessThan(packed.bytes / 5)
  expect([modeOf(plain.path), modeOf(packed.path)]).toEqual(['600', '600'])
  expect(readdirSync(folder).sort()).toEqual(['all.jsonl', 'all.jsonl.gz'])
})

test('a file that is there is replaced only where that is asked for', async () => {
  const store = await storeOf(3)
  const folder = scratchFolder()
  const path = join(folder, 'taken.jsonl')
  writeFileSync(path, 'something else')
  await expect(exportToFile(store, path)).rejects.toThrow(
    /taken\.jsonl is there already; it was left as it is\. Choose another name, or have it replaced/,
  )
  expect(readFileSync(path, 'utf8')).toBe('something else')
  await exportToFile(store, path, { replace: true })
  expect(readFileSync(path, 'utf8')).toMatch(/^\{"type":"header"/)
  expect(readdirSync(folder)).toEqual(['taken.jsonl'])
})

test('of two exports to one name at once one is refused, and the other is whole', async () => {
  const store = await storeOf(2000)
  const path = join(scratchFolder(), 'both.jsonl')
  const both = await Promise.allSettled([exportToFile(store, path), exportToFile(store, path)])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(withoutHeader(readFileSync(path, 'utf8'))).toBe(withoutHeader(await exportText(store)))
})

describe('what ends an export early leaves what was there before', () => {
  test('being told to', async () => {
    const store = await storeOf(2000)
    const folder = scratchFolder()
    writeFileSync(join(folder, 'old.jsonl'), 'old')
    const before = hashOf(join(folder, 'old.jsonl'))
    for (const name of ['old.jsonl', 'new.jsonl', 'new.jsonl.gz']) {
      const stop = new AbortController()
      const reason = new Error('enough')
      const options = { signal: stop.signal, progress: () => stop.abort(reason), replace: true }
      await expect(exportToFile(store, join(folder, name), options)).rejects.toBe(reason)
    }
    expect(readdirSync(folder)).toEqual(['old.jsonl'])
    expect(hashOf(join(folder, 'old.jsonl'))).toBe(before)
  })

  test.runIf(canMount)('a full disk', async () => {
    const store = await storeOf(6000)
    const disk = smallDisk(4)
    for (const name of ['all.jsonl', 'all.jsonl.gz']) {
      disk.leave(name.endsWith('.gz') ? 8192 : 1_000_000)
      const error = await exportToFile(store, join(disk.folder, name)).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(TransferError)
      expect((error as TransferError).message).toMatch(
        /cannot be written: the disk is full; nothing was left there\. Free space and repeat the export$/,
      )
      expect(readdirSync(disk.folder)).toEqual(['ballast'])
    }
    disk.free()
    await exportToFile(store, join(disk.folder, 'all.jsonl.gz'))
  })

  test('a place that cannot be written', async () => {
    const store = await storeOf(1)
    const folder = scratchFolder()
    mkdirSync(join(folder, 'inner'))
    writeFileSync(join(folder, 'file'), '')
    const refusal = (path: string, options = {}) =>
      exportToFile(store, join(folder, path), options).then(
        () => 'written',
        (error: Error) => error.message,
      )
    expect(await refusal('nowhere/all.jsonl')).toMatch(/cannot be written: its folder does not exist$/)
    expect(await refusal('file/all.jsonl')).toMatch(/cannot be written: its folder does not exist$/)
    expect(await refusal('inner', { replace: true })).toMatch(/cannot be written: it is a folder$/)
    expect(await refusal(`${'n'.repeat(300)}.jsonl`)).toMatch(/cannot be written: the name is too long$/)
    expect(readdirSync(folder).sort()).toEqual(['file', 'inner'])
    if (process.getuid?.() === 0) return
    chmodSync(join(folder, 'inner'), 0o500)
    expect(await refusal('inner/all.jsonl')).toMatch(/cannot be written: this user may not write there$/)
  })
})
