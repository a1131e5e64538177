// How long help takes, as a process.

import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { environment, program } from '../support/cli/purser.ts'

test('help is there at once', () => {
  // The fastest of several: what else the machine does only ever adds to a time.
  const fastest = (words: readonly string[]) => {
    const times = Array.from({ length: 7 }, () => {
      const started = performance.now()
      expect(spawnSync(process.execPath, words, { env: environment() }).status).toBe(0)
      return performance.now() - started
    })
    return Math.min(...times)
  }
  // The target is 150 ms on an idle machine. This one runs other tests too, and perhaps the sources
  // as they are: so the bound is generous, and moves with what an empty program takes here and now.
  const empty = fastest(['-e', '0'])
  expect(fastest([program, '--help'])).toBeLessThan(Math.max(600, empty * 15))
})
