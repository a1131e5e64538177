// 64 callers in four processes that reserve 0.01 of one budget of 1.00 at once, again and again.

import { expect } from 'vitest'
import { openStore } from '../../../src/index.ts'
import { startChild } from '../child-process.ts'

const PROCESSES = 4

/** Fails unless of each budget exactly 100 are held, by all processes together. */
export async function reserveInProcesses(url: string, runs: number): Promise<void> {
  await using store = await openStore(url)
  for (let run = 0; run < runs; run += 1) {
    await store.budgets.create({
      ...{ name: `run ${run}`, scope: 'agent', target: `run ${run}` },
      ...{ period: run % 2 === 0 ? 'total' : 'month', timeZone: 'Asia/Kolkata', limit: '1.00' },
    } as const)
  }
  const children = Array.from({ length: PROCESSES }, () => startChild('reserve-all', [url, runs]))
  const held: number[][] = []
  for (const child of children) {
    const { code, errors } = await child.ended
    expect(errors).toBe('')
    expect(code).toBe(0)
    held.push(JSON.parse(child.lines.at(-1) ?? '') as number[])
  }
  const sums = Array.from({ length: runs }, (_, run) =>
    held.reduce((sum, ofProcess) => sum + (ofProcess[run] ?? 0), 0),
  )
  expect(sums).toEqual(Array(runs).fill(100))
  for (const { held: shown, remaining } of await store.budgets.status()) {
    expect([shown, remaining]).toEqual(['1', '0'])
  }
}
