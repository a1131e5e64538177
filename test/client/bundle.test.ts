// What `purser/client` brings into a page: nothing of a database, of the server or of Node.js.

import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'

/** Bytes, as a server compresses them. docs/client.md says it. */
const MOST = 13_500

test('a bundle for browsers is small, and imports nothing', async () => {
  const bundle = await rolldown({ input: 'src/client/index.ts', platform: 'browser' })
  const { output } = await bundle.generate({ format: 'esm', minify: true })
  await bundle.close()
  expect(output).toHaveLength(1)
  const { code, imports, dynamicImports } = output[0]
  expect([...imports, ...dynamicImports]).toEqual([])
  expect(code).not.toMatch(/\b(?:Buffer|process|require)\b/)
  expect(gzipSync(code).length).toBeLessThan(MOST)
})
