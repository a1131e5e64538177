// Compiles src to dist, then removes from dist what no source stands for any more. A build that fails leaves dist as
// it was. Plain JavaScript: it also runs on install (scripts/prepare.js), before the pinned Node may be there.
import { spawnSync } from 'node:child_process'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))

// One second of slack for file systems that keep whole seconds only.
const startedAt = Date.now() - 1000
const tsc = spawnSync(
  process.execPath,
  [join(typescript, 'bin/tsc'), '-p', join(root, 'tsconfig.build.json')],
  {
    stdio: 'inherit',
  },
)
if (tsc.status === 0) {
  for (const name of readdirSync(dist, { recursive: true })) {
    const path = join(dist, String(name))
    const stat = statSync(path)
    if (stat.isFile() && stat.mtimeMs < startedAt) rmSync(path)
  }
}
process.exitCode = tsc.status ?? 1
