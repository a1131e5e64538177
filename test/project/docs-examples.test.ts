// The programs of examples/ do what they show.

import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../support/scratch.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const printed: Readonly<Record<string, string>> = {
  'make-old-database.ts': `made old.db: 4 tasks, 6 cost records, 3 messages
`,
  'record-a-run.ts': `Choose a new lens: completed, version 5
2 model calls, 0.02895 of 0.05 USD
ada → bo: Please choose a new lens.
cy → bo: The second offer, agreed.
`,
  'costs-by-agent.ts': `bo
  large-1: 1 USD in 10 calls (1000 tokens in, 100 out)
  small-1: 0.000000001 USD in 1 calls (100 tokens in, 10 out)
cy
  large-1: 0.25 USD in 1 calls (100 tokens in, 10 out)
  large-1: 0.2 EUR in 1 calls (100 tokens in, 10 out)
`,
  'adopt-an-old-database.ts': `would run: 1 baseline, 2 findings, 3 tasks, 4 cost-records, 5 messages, 6 plans, 7 automation-profiles, 8 audit, 9 retention, 10 search, 11 changes, 12 budgets, 13 approvals, 14 cost-record, 15 claims, 16 decisions, 17 settings, 18 projects, 19 tokens, 20 plan-checkpoints, 21 plan-steps
beginning with: CREATE TABLE "purser_migrations" (
copied to old.db.v0-TIME.bak
adopted: true { tasks: 4, cost_records: 6, messages: 3 }
findings: { 'json-unreadable': 1, 'time-without-offset': 1 }
spent: 0.33463 USD
copied to old.db.v21-TIME.bak
copied to old.db.v1-TIME.bak
from 1 to 21, spent: 0.33463
`,
  'run-a-plan.ts': `release 2 (apply/applied)
  write the parser (apply/applied, attempt 2)
  test the parser (apply/applied, reverted once)
the tree cost 0.0531 USD
may it edit code alone? human, auto
audit: 39 entries by coder, human:ada, lead, tester, verified: true
`,
}

describe('examples', () => {
  it.each(globSync('*.ts', { cwd: join(root, 'examples') }).sort())('%s', async (name) => {
    const loader = join(root, 'test/support/children/purser-source.ts')
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--import', loader, join(root, 'examples', name)],
      { cwd: scratchFolder(), env: { PATH: process.env.PATH, NO_COLOR: '1' } },
    )
    expect(stderr).toBe('')
    expect(stdout).toBe(printed[name])
  })
})
