// Configuration files as editors save them: with a byte-order mark, as UTF-16, and with a mistake
// somewhere.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../src/index.ts'
import { scratchFolder } from '../support/scratch.ts'

function read(name: string, content: string | Buffer) {
  const folder = scratchFolder()
  writeFileSync(join(folder, name), content)
  const resolve = () => resolveConfig({}, { environment: {}, folder })
  return Object.assign(resolve, { folder })
}

const files = {
  'purser.config.json': '{ "url": "sqlite:a.db" }\r\n',
  'purser.config.yaml': 'url: sqlite:a.db\r\n',
}

describe.each(Object.entries(files))('%s', (name, content) => {
  test('P4: with a byte-order mark is read', () => {
    const marked = read(name, `\uFEFF${content}`)
    expect(marked().url).toBe(`sqlite:${marked.folder}/a.db`)
  })

  test('P4: in UTF-16 is named', () => {
    const bytes = Buffer.from(`\uFEFF${content}`, 'utf16le')
    expect(read(name, bytes)).toThrow(/cannot be read: it is UTF-16 text; save it as UTF-8$/)
    expect(read(name, bytes.swap16())).toThrow(/it is UTF-16 text/)
  })

  test('P4: in another encoding is named', () => {
    expect(read(name, Buffer.from([0x75, 0xe9, 0x0a]))).toThrow(/cannot be read: it is not UTF-8 text$/)
  })
})

describe('U22: a mistake is said with its place, without a word of the file', () => {
  test.each([
    [
      'purser.config.json',
      '{\n  "url": "sqlite:secret.db",\n  oops\n}',
      'is not valid JSON: line 3, column 3',
    ],
    ['purser.config.json', '{ "url": "secret"', 'is not valid JSON: line 1, column 18'],
    ['purser.config.yaml', 'url: "sqlite:secret.db\n', 'is not valid YAML: line 2, column 1'],
    ['purser.config.yaml', 'migrate: auto\nurl: a: b: secret\n', 'is not valid YAML: line 2, column 6'],
  ])('%s: %j', (name, content, said) => {
    const resolve = read(name, content)
    expect(resolve).toThrow(said)
    expect(resolve).not.toThrow(/secret|oops/)
  })
})
