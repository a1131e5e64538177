// Builds and packs the package as it would be published, into a temporary folder, and runs publint
// (contents, exports) and attw (types as each module resolution sees them) on it.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'purser-pack-'))

function run(command: string): boolean {
  const { status } = spawnSync(command, { cwd: root, shell: true, stdio: 'inherit' })
  if (status !== 0) console.error(`failed: ${command}`)
  return status === 0
}

function packAndCheck(): boolean {
  if (!run('node scripts/build.js')) return false
  if (!run(`npm pack --silent --ignore-scripts --pack-destination "${folder}"`)) return false
  const tarball = join(folder, readdirSync(folder)[0] ?? '')
  const passed = [run(`publint run --strict "${tarball}"`), run(`attw --profile esm-only "${tarball}"`)]
  return passed.every(Boolean)
}

try {
  process.exitCode = packAndCheck() ? 0 : 1
} finally {
  rmSync(folder, { recursive: true })
}
