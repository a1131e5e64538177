// Writes the reference pages of docs/, the references in docs/cli/, schema.json, openapi.json,
// src/client/routes.ts, src/records/names.ts and web/api/openapi.ts from the sources, and
// src/version.ts from package.json. `--check` writes nothing and exits 1 if a file on disk is not
// what would be written now, naming the first line that differs.
import { readFileSync, writeFileSync } from 'node:fs'
import { openApiDocument } from '../src/server/openapi/document.ts'
import { clientRoutesModule } from './reference/client-routes.ts'
import { commandPages } from './reference/command-pages.ts'
import { errorsPage } from './reference/errors-page.ts'
import { eventsPage } from './reference/events-page.ts'
import { namesModule } from './reference/names-module.ts'
import { recordsPage } from './reference/records-page.ts'
import { schemaDocument, schemaPage } from './reference/schema-page.ts'
import { versionModule } from './reference/version-module.ts'
import { webTypes } from './reference/web-types.ts'

const pages: Readonly<Record<string, () => string>> = {
  'docs/records.md': () => recordsPage(),
  'docs/errors.md': errorsPage,
  'docs/events.md': eventsPage,
  'docs/schema.md': schemaPage,
  ...commandPages,
  'schema.json': schemaDocument,
  'openapi.json': () => `${JSON.stringify(openApiDocument(), null, 2)}\n`,
  'src/client/routes.ts': clientRoutesModule,
  'src/records/names.ts': () => namesModule(),
  'src/version.ts': versionModule,
  'web/api/openapi.ts': webTypes,
}

const checking = process.argv.includes('--check')
for (const [path, write] of Object.entries(pages)) {
  const file = new URL(`../${path}`, import.meta.url)
  const wanted = write()
  const found = readIfThere(file)
  if (found === wanted) continue
  if (!checking) {
    writeFileSync(file, wanted)
    console.log(`wrote ${path}`)
    continue
  }
  console.error(`${path} is out of date: ${firstDifference(found, wanted)}`)
  process.exitCode = 1
}

function readIfThere(file: URL): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function firstDifference(found: string, wanted: string): string {
  const [before, after] = [found.split('\n'), wanted.split('\n')]
  const index = after.findIndex((line, at) => line !== before[at])
  const at = index < 0 ? after.length : index
  return `line ${at + 1}\n  on disk: ${before[at] ?? '(nothing)'}\n  now:     ${after[at] ?? '(nothing)'}`
}
