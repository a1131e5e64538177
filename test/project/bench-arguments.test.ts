// The bench's command line: help and mistakes are answered without a measurement and without a
// stack.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('../../bench/arguments.ts', import.meta.url))
const bench = (...args: string[]) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })

test('D8: --help shows every option and an example', () => {
  const { status, stdout, stderr } = bench('--help')
  expect([status, stderr]).toEqual([0, ''])
  for (const part of ['Usage:', '--only', '--check', '--json', '--folder', 'Examples:'])
    expect(stdout).toContain(part)
})

test.each([['--speed'], ['--only', 'nothing'], ['reads']])('D8: %s %s is refused in one line', (...args) => {
  const { status, stdout, stderr } = bench(...args.filter((arg) => arg !== undefined))
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toMatch(/^error: /)
})
