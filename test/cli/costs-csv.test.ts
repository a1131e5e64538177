// Reports as CSV: what agents wrote cannot become a formula of a spreadsheet, and quotes, commas and
// line ends stay within their cell.

import { expect, test } from 'vitest'
import { csvOf } from '../../src/cli/commands/costs/csv.ts'
import type { Group } from '../../src/cli/commands/costs/report-view.ts'

const sums = {
  ...{ cost: '1234.5', currency: 'USD', unpriced: 1, records: 3 },
  ...{ inputTokens: 1000, outputTokens: '9007199254740993', cacheReadTokens: 0, cacheWriteTokens: 0 },
} as const
const numbers = 'USD,1234.5,1,3,1000,9007199254740993,0,0'

const csv = (agent: string | null) =>
  csvOf(['agent'], [{ ...sums, agent } as Group], new Map()).split('\r\n')[1]

test('amounts and counts are exact, without separators', () => {
  expect(csvOf(['agent', 'currency'], [{ ...sums, agent: 'ann' } as Group], new Map())).toBe(
    `agent,currency,cost,unpriced,records,inputTokens,outputTokens,cacheReadTokens,cacheWriteTokens\r\nann,${numbers}`,
  )
  expect(csv(null)).toBe(`,${numbers}`)
})

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['\r=1', `"'\r=1"`],
  ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
  ['a,b', '"a,b"'],
  ['a "b"', '"a ""b"""'],
  ['two\nlines', '"two\nlines"'],
  ['plain', 'plain'],
  ['a=b', 'a=b'],
])('%j is written as %j', (key, cell) => {
  expect(csv(key)).toBe(`${cell},${numbers}`)
})

test('names stand beside ids, and the sums before beside those of now', () => {
  const group = { ...sums, task: 't1', previous: { ...sums, cost: '2' } } as Group
  const [header, row] = csvOf(['task'], [group], new Map([['t1', '=Caulk']])).split('\r\n')
  expect(header).toContain('task,taskName,currency,cost,')
  expect(header).toContain(',previous.cost,previous.unpriced,')
  expect(row).toBe(`t1,'=Caulk,${numbers},${numbers.replace('USD,1234.5', '2')}`)
})
