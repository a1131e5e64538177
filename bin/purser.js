#!/usr/bin/env node
// Starts the command line. Old Node versions must be able to parse this file, so that it can report the
// required version: nothing newer than dynamic import here, and no static import.
// In a checkout whose sources are newer than dist (or that has no dist) the sources themselves are run.

// The prebuilt SQLite driver (Node-API 10) crashes with a segmentation fault on 22.13; 22.14 is the first that runs it.
const NEEDED = [22, 14]

function isNodeTooOld() {
  const found = process.versions.node.split('.').map(Number)
  return found[0] < NEEDED[0] || (found[0] === NEEDED[0] && found[1] < NEEDED[1])
}

function newestChange(fs, folder) {
  let newest = 0
  for (const name of fs.readdirSync(folder, { recursive: true })) {
    if (name.endsWith('.ts')) newest = Math.max(newest, fs.statSync(new URL(name, folder)).mtimeMs)
  }
  return newest
}

async function locateMain() {
  const fs = await import('node:fs')
  const built = new URL('../dist/cli/main.js', import.meta.url)
  const source = new URL('../src/cli/run/main.ts', import.meta.url)
  // The published package has no tsconfig.build.json: only a checkout has.
  const isCheckout =
    fs.existsSync(new URL('../tsconfig.build.json', import.meta.url)) && fs.existsSync(source)
  const canRunSource = isCheckout && Boolean(process.features.typescript)
  const isBuilt = fs.existsSync(built)
  if (!canRunSource) return isBuilt ? built : undefined
  if (!isBuilt) return source
  const isStale = newestChange(fs, new URL('../src/', import.meta.url)) > fs.statSync(built).mtimeMs
  return isStale ? source : built
}

async function start() {
  const entry = await locateMain()
  if (entry === undefined) {
    process.stderr.write('purser is not built: run `npm run build` in its folder first.\n')
    process.exitCode = 1
    return
  }
  // Compiled code is kept in the system's temporary folder for the next start; NODE_DISABLE_COMPILE_CACHE=1 leaves that out.
  const { enableCompileCache } = await import('node:module')
  enableCompileCache()
  const cli = await import(entry.href)
  await cli.main(process.argv.slice(2))
}

if (isNodeTooOld()) {
  process.stderr.write(
    `purser needs Node.js ${NEEDED.join('.')} or newer; this is ${process.versions.node} (${process.execPath}).\n`,
  )
  process.exitCode = 2
} else {
  start().catch((error) => {
    process.stderr.write(`purser could not start: ${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 1
  })
}
