// Pruning in a process that is killed, on a SQLite file.

import { test } from 'vitest'
import { scratchFile } from '../fixtures/scratch.ts'
import { surviveKills } from './retention-killed.ts'

test('a process killed while it prunes changes no total, and leaves nothing by half', () =>
  surviveKills(`sqlite:${scratchFile()}`))
