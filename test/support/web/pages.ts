// The pages of web/, built once for a process into a folder of the system's.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const configFile = fileURLToPath(new URL('../../../web/vite.config.ts', import.meta.url))
let folder: Promise<string> | undefined

/** @returns the folder with the built files */
export function builtPages(): Promise<string> {
  folder ??= buildInto(mkdtempSync(join(tmpdir(), 'purser-pages-')))
  return folder
}

async function buildInto(outDir: string): Promise<string> {
  // Vitest sets it to `test`, with which Preact and Vite build for development.
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  try {
    await build({ configFile, logLevel: 'warn', mode: 'production', build: { outDir, emptyOutDir: true } })
  } finally {
    process.env.NODE_ENV = before
  }
  return outDir
}
