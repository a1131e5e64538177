// Checks the architecture: who may import whom (layers.ts), no cycles, no crowded folder, no long
// file, database drivers only in their engine's folder, engine names only where an engine is
// chosen. Examines every kind of import: static, dynamic, re-export, type.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, matchesGlob, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync, Visitor } from 'oxc-parser'
import { layers, parentEngines } from './layers.ts'

const drivers = ['better-sqlite3', 'pg', 'postgres', 'mysql2', 'mariadb']
const driversOnlyIn = 'engines/*/**'

const engineName = /\b(sqlite|postgres|postgresql|mariadb|mysql)\b/gi
const engineNamesOnlyIn = [
  'adoption/dialects.ts',
  'adoption/@(sqlite|postgres|mariadb)/**',
  'engines/**',
  'config/**',
  'cli/**',
  'index.ts',
]

interface Import {
  readonly specifier: string
  readonly line: number
  readonly isType: boolean
}

interface SourceFile {
  /** Path under src, with forward slashes. */
  readonly path: string
  /** The text with every comment blanked, so that offsets and lines do not change. */
  readonly code: string
  readonly imports: readonly Import[]
}

function readSource(folder: string, path: string): SourceFile {
  const text = readFileSync(join(folder, path), 'utf8')
  const { program, comments, errors } = parseSync(path, text)
  const [error] = errors
  if (error) {
    console.error(`src/${path}: does not parse: ${error.message}`)
    process.exit(1)
  }

  const imports: Import[] = []
  const add = (source: { type: string; value?: unknown; start: number } | null, isType: boolean) => {
    if (typeof source?.value !== 'string') return
    imports.push({ specifier: source.value, line: lineAt(text, source.start), isType })
  }
  new Visitor({
    ImportDeclaration: (node) => add(node.source, node.importKind === 'type'),
    ExportNamedDeclaration: (node) => add(node.source, node.exportKind === 'type'),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === 'type'),
    ImportExpression: (node) => add(node.source, false),
    TSImportType: (node) => add(node.source, true),
  }).visit(program)

  let code = text
  for (const { start, end } of comments) {
    code = code.slice(0, start) + code.slice(start, end).replace(/[^\n]/g, ' ') + code.slice(end)
  }
  return { path, code, imports }
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

/** The path under src that a relative specifier resolves to; undefined for packages. */
function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return normalize(join(dirname(from), specifier))
    .split(sep)
    .join('/')
}

function matchesAny(path: string, globs: readonly string[]): boolean {
  return globs.some((glob) => matchesGlob(path, glob))
}

function* layerViolations(file: SourceFile): Generator<string> {
  const layer = layers.find(({ files }) => matchesGlob(file.path, files.replace('{engine}', '*')))
  if (!layer) {
    yield `src/${file.path}: belongs to no layer; put it into a folder that has one, or add a layer to scripts/layers.ts`
    return
  }
  const engine = layer.files.includes('{engine}') ? (file.path.split('/')[1] ?? '') : ''
  const parent = parentEngines[engine]
  const may = layer.may.map((glob) => glob.replace('{engine}', engine))
  if (parent) may.push(`engines/${parent}/**`)
  const mayTypes = layer.mayTypes ?? []
  for (const { specifier, line, isType } of file.imports) {
    const target = resolveImport(file.path, specifier)
    if (target === undefined || matchesAny(target, may)) continue
    if (matchesAny(target, mayTypes)) {
      if (!isType) {
        yield `src/${file.path}:${line}: may import src/${target} as types only (import type)`
      }
      continue
    }
    yield `src/${file.path}:${line}: must not import src/${target}; ${layer.files} may import: ${[...may, ...mayTypes].join(', ') || 'nothing'}`
  }
}

function* driverViolations(file: SourceFile): Generator<string> {
  if (matchesGlob(file.path, driversOnlyIn)) return
  for (const { specifier, line } of file.imports) {
    if (drivers.some((driver) => specifier === driver || specifier.startsWith(`${driver}/`))) {
      yield `src/${file.path}:${line}: must not import the driver ${specifier}; drivers live in src/${driversOnlyIn}`
    }
  }
}

function* engineNameViolations(file: SourceFile): Generator<string> {
  if (matchesAny(file.path, engineNamesOnlyIn)) return
  for (const match of file.code.matchAll(engineName)) {
    yield `src/${file.path}:${lineAt(file.code, match.index)}: names the engine "${match[0]}"; ask a capability instead (names are for ${engineNamesOnlyIn.join(', ')})`
  }
}

/**
 * Depth first over all imports, including types; each import of a file on the current path is one
 * cycle.
 */
function cycleViolations(files: readonly SourceFile[]): string[] {
  const targets = new Map(
    files.map((file) => [
      file.path,
      file.imports
        .map(({ specifier }) => resolveImport(file.path, specifier))
        .filter((target) => target !== undefined),
    ]),
  )
  const violations: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const position = trail.indexOf(path)
    if (position >= 0) {
      violations.push(`cycle: ${[...trail.slice(position), path].map((step) => `src/${step}`).join(' → ')}`)
      return
    }
    if (done.has(path)) return
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of targets.keys()) visit(path, [])
  return violations
}

/** The folder rules: no loose files, and a maximum number of files per folder. */
const loose = ['index.ts', 'errors.ts', 'version.ts']
const MAX_FILES = 20

function* roomViolations(paths: readonly string[]): Generator<string> {
  const counts = new Map<string, number>()
  for (const path of paths) {
    const room = dirname(path)
    counts.set(room, (counts.get(room) ?? 0) + 1)
    if (room === '.' && !loose.includes(path)) {
      yield `src/${path}: lies loose; put it into a folder (loose are ${loose.join(', ')})`
    }
  }
  for (const [room, count] of counts) {
    if (count > MAX_FILES) yield `src/${room}: has ${count} files; split it by subject (at most ${MAX_FILES})`
  }
}

/** Longer than this, a file is about more than one thing. */
const MAX_LINES = 400

/** Files that people write, in every folder of the project. */
function* lengthViolations(root: string): Generator<string> {
  const written = globSync('@(src|test|scripts|bench|examples|web)/**/*.@(ts|tsx|js|css)', {
    cwd: root,
    exclude: ['**/node_modules/**', '**/dist/**'],
  })
  for (const path of written) {
    const text = readFileSync(join(root, path), 'utf8')
    if (text.startsWith('// Generated')) continue
    const lines = text.split('\n').length - 1
    if (lines > MAX_LINES) {
      yield `${path.split(sep).join('/')}: has ${lines} lines; split it by subject (at most ${MAX_LINES})`
    }
  }
}

const folder = fileURLToPath(new URL('../src', import.meta.url))
const files = globSync('**/*.ts', { cwd: folder })
  .map((path) => path.split(sep).join('/'))
  .sort()
  .map((path) => readSource(folder, path))

const violations = [
  ...files.flatMap((file) => [
    ...layerViolations(file),
    ...driverViolations(file),
    ...engineNameViolations(file),
  ]),
  ...cycleViolations(files),
  ...roomViolations(files.map(({ path }) => path)),
  ...lengthViolations(fileURLToPath(new URL('..', import.meta.url))),
]
for (const violation of violations) console.error(violation)
console.log(`${files.length} files, ${violations.length} violations`)
process.exitCode = violations.length > 0 ? 1 : 0
