// Run as a process of its own: 16 callers reserve 0.01 of each budget in turn until it refuses, then
// it prints how many holds it got of each. Arguments: URL, the number of budgets.

import { BudgetExceededError, openStore } from '../../../src/index.ts'

const CALLERS = 16
const [url = '', given = '0'] = process.argv.slice(2)
const store = await openStore(url)
const held: number[] = []
console.log('ready')
for (let run = 0; run < Number(given); run += 1) {
  let holds = 0
  const caller = async () => {
    try {
      for (;;) {
        await store.budgets.reserve({ agentId: `run ${run}`, estimate: '0.01', ttl: '1h' })
        holds += 1
      }
    } catch (error) {
      if (!(error instanceof BudgetExceededError)) throw error
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  held.push(holds)
}
console.log(JSON.stringify(held))
await store.close()
