// Every generated file in this repository has a generator that can also check:
// `node <generator> --check` exits 1 if the file on disk is not what it would write now. This runs
// them all.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Paths from the repository's root. */
const generators: readonly string[] = ['scripts/generate-reference.ts']

const root = fileURLToPath(new URL('..', import.meta.url))
const stale = generators.filter((generator) => {
  const { status } = spawnSync(process.execPath, [generator, '--check'], { cwd: root, stdio: 'inherit' })
  return status !== 0
})
for (const generator of stale) console.error(`out of date: run \`node ${generator}\``)
console.log(`${generators.length} generators, ${stale.length} out of date`)
process.exitCode = stale.length > 0 ? 1 : 0
