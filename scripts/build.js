// Builds dist: the code in a few files (rolldown), the declarations beside them (tsc, then
// bundled), the dashboard (Vite), and the licences of bundled code. A failed build leaves dist
// unchanged. Plain JavaScript: it also runs on install (scripts/prepare.js), possibly before the
// pinned Node is available.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'
import { build as buildPages } from 'vite'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))

const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const oldestNode = `node${/^>=([\d.]+)$/.exec(engines.node)[1]}`

/** The exports of package.json, and the command line. */
const entries = {
  index: 'index.ts',
  errors: 'errors.ts',
  events: 'observability/events.ts',
  'client/index': 'client/index.ts',
  'conformance/index': 'conformance/index.ts',
  'worker/index': 'worker/index.ts',
  'server/index': 'server/index.ts',
  'cli/main': 'cli/run/main.ts',
}
/** Drivers and optional peers belong to the application; the first has a compiled part. */
const external = [
  /^node:/,
  /^better-sqlite3/,
  /^@pydantic\/genai-prices/,
  /^pg/,
  /^mysql2/,
  /^@opentelemetry\//,
  /^hono/,
  /^@hono\//,
]
/** The declarations refer to these, so they are dependencies too. */
const typesOnly = ['kysely', 'zod']

async function build() {
  const folder = mkdtempSync(join(root, '.build-'))
  try {
    const declarations = join(folder, 'types')
    if (!compileTypes(declarations)) return false
    const output = join(folder, 'dist')
    await bundleTypes(declarations, output)
    await bundleCode(output)
    await bundlePages(join(output, 'web'))
    rmSync(dist, { recursive: true, force: true })
    renameSync(output, dist)
    return true
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function compileTypes(outDir) {
  const project = ['-p', join(root, 'tsconfig.build.json'), '--outDir', outDir]
  const tsc = spawnSync(process.execPath, [join(typescript, 'bin/tsc'), ...project], { stdio: 'inherit' })
  return tsc.status === 0
}

async function bundleCode(dir) {
  const input = Object.fromEntries(
    Object.entries(entries).map(([name, file]) => [name, join(root, 'src', file)]),
  )
  const bundle = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    external,
    // Syntax newer than the oldest supported Node.js is transpiled.
    transform: { target: oldestNode },
    onLog: refuse,
  })
  const { output } = await bundle.write({
    dir,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    comments: { legal: true, annotation: true, jsdoc: false },
  })
  await bundle.close()
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  writeFileSync(join(dir, 'THIRD-PARTY-LICENSES.txt'), licences(modules))
}

/** The pages of `purser serve`, from web/. */
async function bundlePages(outDir) {
  const { output } = await buildPages({
    configFile: join(root, 'web/vite.config.ts'),
    logLevel: 'warn',
    build: { outDir },
  })
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  writeFileSync(join(outDir, 'THIRD-PARTY-LICENSES.txt'), licences(modules))
}

async function bundleTypes(from, dir) {
  const input = Object.fromEntries(
    Object.entries(entries)
      .filter(([name]) => !name.startsWith('cli/'))
      .map(([name, file]) => [name, join(from, file.replace(/\.ts$/, '.d.ts'))]),
  )
  const bundle = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    external: [...external, ...typesOnly],
    plugins: [withMaps, dts({ dtsInput: true, emitDtsOnly: true, sourcemap: true, oxc: true })],
    onLog: refuse,
  })
  await bundle.write({
    dir,
    format: 'esm',
    entryFileNames: '[name].d.ts',
    chunkFileNames: 'types/[name].d.ts',
    sourcemapPathTransform: (path, map) =>
      relative(dirname(join(dist, relative(dir, map))), resolve(dirname(map), path)),
  })
  await bundle.close()
}

/** Declaration maps lead to the sources, not to tsc's output. */
const withMaps = {
  name: 'with-maps',
  load(id) {
    if (!id.endsWith('.d.ts') || !existsSync(`${id}.map`)) return null
    return { code: readFileSync(id, 'utf8'), map: readFileSync(`${id}.map`, 'utf8') }
  },
}

/**
 * Ignored warnings: modules imported both statically and dynamically, and a slow build; every other
 * warning is an error.
 */
const accepted = ['INEFFECTIVE_DYNAMIC_IMPORT', 'PLUGIN_TIMINGS']

function refuse(level, log) {
  if (level === 'warn' && !accepted.includes(log.code)) throw new Error(log.message)
}

/** Packages in the public domain need no file. */
const dedications = { Unlicense: 'Dedicated to the public domain: https://unlicense.org' }

/** The licences of the packages that are bundled. */
function licences(modules) {
  const packages = new Set()
  for (const id of modules) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll('\\', '/'))
    if (found) packages.add(found[1])
  }
  const texts = [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    const text = file === undefined ? dedications[license] : readFileSync(join(folder, file), 'utf8').trim()
    if (text === undefined) throw new Error(`${name} ${version} has no licence file`)
    return `${name} ${version} (${license})\n\n${text}\n`
  })
  return ['Purser contains code of these packages.\n', ...texts].join(`\n${'-'.repeat(80)}\n\n`)
}

process.exitCode = (await build()) ? 0 : 1
