// Rows about the feed of changes: the same calls on a store that keeps it, against one that does
// not (`changes: false`). Both write the same rows.

import type { Store } from '../src/index.ts'
import { newMessages, newTasks } from './inputs.ts'
import { perOperation, takeTurns, withCallers } from './measure.ts'
import type { Row } from './row.ts'

const subjects = [
  {
    name: 'messages.append',
    inputs: newMessages,
    write: (store: Store, input: never) => store.messages.append(input),
  },
  {
    name: 'tasks.create',
    inputs: newTasks,
    write: (store: Store, input: never) => store.tasks.create(input),
  },
] as const

export async function* changeRows(engine: string, kept: Store, without: Store): AsyncGenerator<Row> {
  for (const { name, inputs, write } of subjects) {
    const calls = (store: Store, callers: number, count: number) => {
      const given = inputs(count)
      return perOperation(count, () =>
        withCallers(callers, count, (index) => write(store, given[index] as never)),
      )
    }
    for (const [callers, count] of [
      [64, 3200],
      [1, 300],
    ] as const) {
      yield {
        workload: `${engine}: ${name} with the feed of changes, ${callers} caller${callers === 1 ? '' : 's'}, against changes: false`,
        unit: 'µs',
        target: { kind: 'at least', ratio: 0.95 },
        ...(await takeTurns(15, async () => ({
          ours: await calls(kept, callers, count),
          raw: await calls(without, callers, count),
        }))),
      }
    }
  }
}
