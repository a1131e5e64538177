// src/version.ts: the version of package.json as a constant, so that a program that bundles Purser
// needs no file to read it from.

import { readFileSync } from 'node:fs'
import { root } from './source.ts'

export function versionModule(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }
  return `// The version of this build. \`npm run docs\` writes it from package.json; \`npm run check\` compares
// the two.

export const purserVersion = '${version}'
`
}
