// U3: the programs of README.md, of the guides and of examples/ run on the oldest Node.js that
// package.json promises. It is taken from npm's registry; where that does not answer, these tests
// are skipped, and say so.

import { execFile, execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { normalise, readPage, splitOutput, toProgram } from '../support/docs-blocks.ts'
import { environment, makeGiven } from '../support/docs-session.ts'
import { scratchFolder } from '../support/scratch.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
const read = (page: string) => readFileSync(join(root, page), 'utf8')
const manifest = JSON.parse(read('package.json'))
const oldest = `${/^>=(\d+\.\d+)$/.exec(manifest.engines.node)?.[1]}.0`

const programOf = (page: string) =>
  readPage(read(page)).blocks.filter((block) => block.language === 'ts' && block.run)
const pages = ['README.md', ...globSync('docs/*.md', { cwd: root }).sort()].filter(
  (page) => programOf(page).length > 0,
)

/**
 * The path of that Node.js, or why there is none. Without the package's own script, which would
 * install it too.
 */
function install(folder: string): { readonly node: string } | { readonly missing: string } {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  writeFileSync(join(folder, 'package.json'), '{}')
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^npm_/i.test(key)))
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']
  try {
    execFileSync('npm', [...args, `${name}@${oldest}`], {
      cwd: folder,
      env,
      stdio: 'pipe',
      timeout: 120_000,
    })
    return { node: join(folder, 'node_modules', name, 'bin/node') }
  } catch {
    return { missing: `npm has no ${name}@${oldest}, or does not reach its registry` }
  }
}

describe(`on Node.js ${oldest}`, () => {
  const place = mkdtempSync(join(tmpdir(), 'purser-old-node-'))
  let oldNode: ReturnType<typeof install>
  beforeAll(() => {
    oldNode = install(place)
  }, 150_000)
  afterAll(() => rmSync(place, { recursive: true, force: true }))

  const nodeOrSkip = (skip: (note: string) => never): string =>
    'node' in oldNode ? oldNode.node : skip(oldNode.missing)

  /** An empty folder in which `purser` is this checkout's package, as it is published. */
  function projectFolder(): string {
    const folder = scratchFolder()
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules/purser'), 'dir')
    for (const name of ['better-sqlite3', 'yaml'])
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'dir')
    return folder
  }

  async function assertPrints(page: string, folder: string, printed: string): Promise<void> {
    const parts = splitOutput(printed)
    for (const [index, { output, line }] of programOf(page).entries()) {
      if (output === undefined) continue
      expect(normalise(parts[index] ?? '', folder), `${page}, line ${line}`).toBe(normalise(output, folder))
    }
  }

  it('U3: is the one that was asked for', async ({ skip }) => {
    const { stdout } = await run(nodeOrSkip(skip), ['--version'])
    expect(stdout.trim()).toBe(`v${oldest}`)
  })

  it('U3: the program of README.md runs as plain JavaScript, without a flag', async ({ skip }) => {
    const node = nodeOrSkip(skip)
    const folder = projectFolder()
    writeFileSync(join(folder, 'program.mjs'), toProgram(programOf('README.md')))
    const { stdout, stderr } = await run(node, ['program.mjs'], { cwd: folder, env: environment })
    expect(stderr).toBe('')
    await assertPrints('README.md', folder, stdout)
  })

  it('U3: every entry of the package loads, and the command works', async ({ skip }) => {
    const node = nodeOrSkip(skip)
    const folder = projectFolder()
    const names = Object.keys(manifest.exports).filter((name) => !name.endsWith('.json'))
    expect(names).toContain('./conformance')
    const program = names
      .map((name) => `await import(${JSON.stringify(`purser${name.slice(1)}`)})`)
      .join('\n')
    writeFileSync(join(folder, 'program.mjs'), program)
    expect(await run(node, ['program.mjs'], { cwd: folder })).toEqual({ stdout: '', stderr: '' })
    const demo = [join(root, 'bin/purser.js'), 'demo', '--url', 'sqlite:demo.db', '--json']
    const { stdout } = await run(node, demo, { cwd: folder, env: environment })
    expect(JSON.parse(stdout)).toMatchObject({ command: 'demo', status: 'ok' })
  })

  it.for(pages)('U3: %s runs and prints what it says', async (page, { skip }) => {
    const node = nodeOrSkip(skip)
    const folder = projectFolder()
    makeGiven(page, read(page), folder)
    writeFileSync(join(folder, 'program.ts'), toProgram(programOf(page)))
    const flags = ['--experimental-strip-types', '--no-warnings']
    const { stdout } = await run(node, [...flags, 'program.ts'], { cwd: folder, env: environment })
    await assertPrints(page, folder, stdout)
  })

  it.for(globSync('*.ts', { cwd: join(root, 'examples') }).sort())(
    'U3: examples/%s runs',
    async (name, { skip }) => {
      const node = nodeOrSkip(skip)
      const folder = projectFolder()
      const file = join(folder, name)
      for (const each of globSync('*.ts', { cwd: join(root, 'examples') }))
        writeFileSync(join(folder, each), read(`examples/${each}`))
      const flags = ['--experimental-strip-types', '--no-warnings']
      const { stderr } = await run(node, [...flags, file], { cwd: folder, env: environment })
      expect(stderr).toBe('')
    },
  )
})
