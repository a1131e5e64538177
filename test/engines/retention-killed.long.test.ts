// Pruning in a process that is killed, on a SQLite file.

import { test } from 'vitest'
import { surviveKills } from '../support/engines/retention-killed.ts'
import { scratchFile } from '../support/scratch.ts'

test('a process killed while it prunes changes no total, and leaves nothing by half', () =>
  surviveKills(`sqlite:${scratchFile()}`))
