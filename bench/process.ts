// Rows about the process: the event loop under load and opening a store.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openStore } from '../src/index.ts'
import { newMessages } from './inputs.ts'
import { median, withCallers } from './measure.ts'
import type { Row } from './row.ts'

export async function* processRows(folder: string): AsyncGenerator<Row> {
  yield await eventLoop(`${folder}/loop.db`)
  yield await opening(`${folder}/open.db`)
}

function absolute(workload: string, ours: number, value: number): Row {
  return { workload, unit: 'ms', ours, raw: null, ratio: null, target: { kind: 'at most', value } }
}

async function eventLoop(path: string): Promise<Row> {
  await using store = await openStore(`sqlite:${path}`)
  const inputs = newMessages(64_000)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  await withCallers(64, 3200, (index) =>
    store.messages.append({ ...inputs[index], id: `warm-${index}` } as never),
  )
  delay.enable()
  await withCallers(64, inputs.length, (index) => store.messages.append(inputs[index] as never))
  delay.disable()
  return absolute('event loop delay, p99, while 64 callers write', delay.percentile(99) / 1e6, 10)
}

async function opening(path: string): Promise<Row> {
  await (await openStore(`sqlite:${path}`)).close()
  const times: number[] = []
  for (let round = 0; round < 30; round += 1) {
    const started = performance.now()
    const store = await openStore(`sqlite:${path}`)
    times.push(performance.now() - started)
    await store.close()
  }
  return absolute('openStore on an up-to-date file', median(times), 10)
}
