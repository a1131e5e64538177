// What a visitor finds out at first sight: what Purser is for and not for, what the two ancestors
// are, which page says what a command does, and what an exit code means.

import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { areas } from '../../src/cli/run/registry.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('U24: the first screen says what it is for, and what it is not for', () => {
  const screen = read('README.md').split('\n').slice(0, 24).join('\n')
  expect(screen).toMatch(/^\*\*For\*\* /m)
  expect(screen).toMatch(/\*\*Not for\*\* /)
})

test('U24: the ancestors are named once, in the guide of their adoption, and pages lead there', () => {
  const pages = globSync('{README.md,docs/**/*.md}', { cwd: new URL('../..', import.meta.url) })
  const naming = pages.filter((page) => /The \*ancestors\* are /.test(read(page)))
  expect(naming).toEqual(['docs/migrations.md'])
  expect(read('docs/migrations.md')).toMatch(/\*\*operations database\*\*[\s\S]*\*\*plans database\*\*/)
  expect(read('docs/cli/migrate.md')).toContain('(../migrations.md#taking-over-an-ancestors-database)')
})

test('U24: every command has its page, and the index leads there', () => {
  const index = read('docs/cli.md')
  for (const { name } of areas) {
    const page = `cli/${name}.md`
    expect(index, name).toContain(`](${page})`)
    expect(existsSync(new URL(`../../docs/${page}`, import.meta.url)), page).toBe(true)
    expect(read(`docs/${page}`)).toMatch(new RegExp(`^# purser ${name}$`, 'm'))
  }
})

test('U24: the index has prune, and says what exit code 3 of a copy means', () => {
  const index = read('docs/cli.md')
  expect(index.split('\n').length).toBeLessThan(400)
  expect(index).toMatch(/^\| \[`prune`\]/m)
  expect(index).toMatch(/^\| 3 \|.*`copy`/m)
  const deleting = read('docs/operations.md').split('\n')
  expect(deleting.filter((line) => /nothing is deleted by itself/i.test(line))).toEqual([])
})
