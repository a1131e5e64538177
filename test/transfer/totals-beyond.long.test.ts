// Records of two stores whose totals would together pass 64 bits: moved into one, the last are
// refused by name, as an append is.

import { describe, expect, test } from 'vitest'
import { copyRecords, importRecords, type Store, TransferError } from '../../src/index.ts'
import { failureOf } from '../support/transfer/copy-samples.ts'
import { exportText, streamOf } from '../support/transfer/files.ts'
import { placeNames, source, target } from '../support/transfer/places.ts'

const call = { agentId: 'zz', provider: 'acme', model: 'm', inputTokens: 1, outputTokens: 0, cost: '0' }
const WORDS = /total of cost or of tokens would pass what 64 bits hold \(a cost of 9223372036\.854775807\)/

async function storeOf(
  ...records: readonly { readonly id: string; readonly cost: string }[]
): Promise<Store> {
  const store = await source()
  for (const record of records) await store.costRecords.append({ ...call, ...record })
  return store
}

const first = { id: '01M8K8V2EAZQMDYJ3B3XSD0MX1', cost: '9000000000.000000001' }
const second = { id: '01M8K8V2EAZQMDYJ3B3XSD0MX2', cost: '9000000000.000000001' }
const small = { id: '01M8K8V2EAZQMDYJ3B3XSD0MX3', cost: '3' }

describe.each(placeNames)('totals that would pass 64 bits, on %s', (place) => {
  async function assertSound(to: Store, cost: string, records: number): Promise<void> {
    expect(await to.costRecords.aggregate()).toMatchObject([{ cost, records }])
    expect(await to.costRecords.count()).toBe(records)
    expect(await to.doctor({ only: ['cost totals', 'integrity'] })).toMatchObject({ ok: true })
  }

  test('an import names the line and the record, and stores nothing of it', async () => {
    const to = await source(place)
    await importRecords(to, streamOf(await exportText(await storeOf(first))))
    const file = await exportText(await storeOf(second, small))
    const failure = (await failureOf(importRecords(to, streamOf(file)))) as TransferError
    expect(failure).toBeInstanceOf(TransferError)
    expect(failure.message).toMatch(WORDS)
    expect(failure.message).toContain(`the cost record "${second.id}" cannot be stored`)
    const report = await importRecords(to, streamOf(file), { onError: 'skip' })
    expect(report).toMatchObject({ failed: 1, errors: [{ message: expect.stringMatching(WORDS) }] })
    await assertSound(to, '9000000003.000000001', 2)
  })

  test('a copy names the row, and stores nothing of it', async () => {
    const to = await target(place)
    await copyRecords(await storeOf(first), to)
    const from = await storeOf(second, small)
    const failure = await failureOf(copyRecords(from, to, { merge: true }))
    expect(failure).toBeInstanceOf(TransferError)
    expect(failure.message).toMatch(WORDS)
    expect(failure.message).toContain(`the row "${second.id}" of cost_records`)
    const report = await copyRecords(from, to, { merge: true, onError: 'skip' })
    expect(report).toMatchObject({ ok: false, problems: [{ problem: 'refused', id: second.id }] })
    await assertSound(to, '9000000003.000000001', 2)
  })
})
