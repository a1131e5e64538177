// U22: no message sends its reader to a file of this repository: who installed the package, or only
// has the command, has none of it.

import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync, Visitor } from 'oxc-parser'
import { expect, test } from 'vitest'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

/** Every text of the program that may be shown to somebody; comments are none. */
function textsOf(path: string): readonly string[] {
  const texts: string[] = []
  const { program } = parseSync(path, readFileSync(join(root, path), 'utf8'))
  new Visitor({
    Literal: ({ value }) => {
      if (typeof value === 'string') texts.push(value)
    },
    TemplateElement: ({ value }) => {
      texts.push(value.cooked ?? value.raw)
    },
  }).visit(program)
  return texts
}

test('U22: messages name commands, statements and addresses, never files of the repository', () => {
  const files = globSync('src/**/*.ts', { cwd: root })
  const texts = files.flatMap((file) => textsOf(file).map((text) => ({ file, text })))
  expect(texts.length).toBeGreaterThan(5000)
  // Names of modules, and paths of the pages that the server itself has.
  const own = /^\.\/docs\/[\w-]+\.ts$|(?<![\w.])\/docs\/[\w.]+/g
  expect(texts.filter(({ text }) => /\bdocs\/|README/.test(text.replace(own, '')))).toEqual([])
})
