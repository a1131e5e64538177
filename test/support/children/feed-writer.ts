// Appends messages by eight callers at once, and prints the id of each that was acknowledged. Every
// fiftieth is appended in a transaction that says so and waits for a line before it commits.

import { createInterface } from 'node:readline'
import { openStore } from '../../../src/index.ts'

const [, , url = '', prefix = '', count = '0'] = process.argv
const store = await openStore(url)
const input = createInterface({ input: process.stdin })
const answers = input[Symbol.asyncIterator]()
let next = 0

function message(id: string) {
  return { id, sender: prefix, to: 'all', channel: 'feed', type: 'status_report', content: id } as const
}

/** One at a time: the others commit meanwhile. */
let held: Promise<unknown> = Promise.resolve()

async function append(number: number): Promise<void> {
  const id = `${prefix}-${number}`
  if (number % 50 === 25) {
    const before = held
    held = (async () => {
      await before
      await store.transaction(
        async (tx) => {
          await tx.messages.append(message(id))
          console.log(`inside ${id}`)
          await answers.next()
        },
        { retry: true },
      )
    })()
    await held
  } else await store.messages.append(message(id))
  console.log(`stored ${id}`)
}

const caller = async () => {
  while (next < Number(count)) {
    const number = next
    next += 1
    await append(number)
  }
}
await Promise.all(Array.from({ length: 8 }, caller))
input.close()
await store.close()
