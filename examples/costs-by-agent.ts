// Prints what each agent spent in a period, and on which models. With a URL it only reads that
// store; without one it uses that of PURSER_URL, or one in memory, and first fills it with
// synthetic calls if it has none.
//
//   node examples/costs-by-agent.ts [URL [SINCE]]

import { type CostTotal, openStore } from 'purser'

const [url, since = '2000-01-01T00:00:00Z'] = process.argv.slice(2)
const store = await openStore(url ?? (process.env.PURSER_URL || 'sqlite::memory:'))
if (url === undefined && (await store.costRecords.count()) === 0) await fillWithExamples()

// Grouped by currency too, so that amounts in different currencies are never added.
const totals = await store.costRecords.aggregate({ since }, { by: ['agent', 'model', 'currency'] })
const agents = Object.groupBy(totals, (total) => total.agent ?? 'nobody')
for (const [agent, rows = []] of Object.entries(agents).toSorted()) {
  console.log(agent)
  for (const row of rows) console.log(`  ${row.model}: ${describe(row)}`)
}
await store.close()

function describe(total: CostTotal<'agent' | 'model' | 'currency'>): string {
  const { cost, currency, records, inputTokens, outputTokens } = total
  return `${cost} ${currency} in ${records} calls (${inputTokens} tokens in, ${outputTokens} out)`
}

/** Ten times 0.1 is exactly 1 here: money is never a floating-point number. */
async function fillWithExamples() {
  const call = { provider: 'acme', inputTokens: 100, outputTokens: 10 }
  const tenths = Array.from({ length: 10 }, () => ({ ...call, agentId: 'bo', model: 'large-1', cost: '0.1' }))
  await store.costRecords.appendMany([
    ...tenths,
    { ...call, agentId: 'bo', model: 'small-1', cost: '0.000000001' },
    { ...call, agentId: 'cy', model: 'large-1', cost: '0.25' },
    { ...call, agentId: 'cy', model: 'large-1', cost: '0.2', currency: 'EUR' },
  ])
}
