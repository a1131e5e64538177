// Builds and packs the package as it would be published, into a temporary folder, runs publint
// (contents, exports) and attw (types as each module resolution sees them) on it, and weighs what a
// browser loads first of the dashboard.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'purser-pack-'))

function run(command: string): boolean {
  const { status } = spawnSync(command, { cwd: root, shell: true, stdio: 'inherit' })
  if (status !== 0) console.error(`failed: ${command}`)
  return status === 0
}

/** Bytes, as a server compresses them, of the page and everything that it names. */
const FIRST_LOAD = 150_000

function isLightEnough(): boolean {
  const web = join(root, 'dist/web')
  const page = readFileSync(join(web, 'index.html'), 'utf8')
  const named = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, path = '']) => path)
  const sizes = ['index.html', ...named].map((path) => gzipSync(readFileSync(join(web, path))).length)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  console.log(`dashboard: ${Math.ceil(total / 1000)} kB on the first load, of ${FIRST_LOAD / 1000}`)
  if (total > FIRST_LOAD) console.error('failed: the first load of the dashboard is too heavy')
  return total <= FIRST_LOAD
}

function packAndCheck(): boolean {
  if (!run('node scripts/build.js')) return false
  if (!run(`npm pack --silent --ignore-scripts --pack-destination "${folder}"`)) return false
  const tarball = join(folder, readdirSync(folder)[0] ?? '')
  const passed = [
    run(`publint run --strict "${tarball}"`),
    run(`attw --profile esm-only "${tarball}"`),
    isLightEnough(),
  ]
  return passed.every(Boolean)
}

try {
  process.exitCode = packAndCheck() ? 0 : 1
} finally {
  rmSync(folder, { recursive: true })
}
