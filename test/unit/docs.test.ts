// README.md and the guides are true: their programs run, print what the page says and pass the compiler; their links lead
// somewhere. The conventions of pages are in fixtures/docs-blocks.ts.

import { execFile, execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { makeOldDatabase } from '../../examples/make-old-database.ts'
import { normalise, readCommands, readPage, splitOutput, toProgram } from '../fixtures/docs-blocks.ts'
import { scratchFolder } from '../fixtures/scratch.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** docs/cli.md and docs/decisions have no programs; their links are checked like all others. */
const pages = ['README.md', ...globSync('docs/*.md', { cwd: root }).sort()]
const loader = join(root, 'test/fixtures/children/purser-source.ts')
const run = promisify(execFile)

const read = (page: string) => readFileSync(join(root, page), 'utf8')
const programOf = (page: string) =>
  readPage(read(page)).blocks.filter((block) => block.language === 'ts' && block.run)

/** Files that pages ask for by `<!-- given NAME -->`. */
const makers: Readonly<Record<string, (path: string) => void>> = {
  'old.db': makeOldDatabase,
  'notes.txt': (path) => writeFileSync(path, 'Nothing but text.\n'),
}

/** An empty folder in which packages are found as in this checkout. */
function projectFolder(): string {
  const folder = scratchFolder()
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
  return folder
}

function prepare(page: string): string {
  const folder = projectFolder()
  for (const name of readPage(read(page)).given) {
    const make = makers[name]
    if (!make) throw new Error(`${page} wants ${name}, and nobody makes it`)
    make(join(folder, name))
  }
  return folder
}

const environment = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', TZ: 'UTC' }

describe('programs', () => {
  it.each(pages.filter((page) => programOf(page).length > 0))(
    '%s runs and prints what it says',
    async (page) => {
      const blocks = programOf(page)
      const folder = prepare(page)
      writeFileSync(join(folder, 'program.ts'), toProgram(blocks))
      const { stdout } = await run(process.execPath, ['--import', loader, 'program.ts'], {
        cwd: folder,
        env: environment,
      })
      const printed = splitOutput(stdout)
      for (const [index, { output, line }] of blocks.entries()) {
        if (output === undefined) continue
        expect(normalise(printed[index] ?? '', folder), `${page}, line ${line}`).toBe(
          normalise(output, folder),
        )
      }
    },
  )

  it('pass the compiler', async () => {
    const folder = projectFolder()
    for (const page of pages) {
      const program = programOf(page)
      if (program.length > 0)
        writeFileSync(join(folder, `${page.replaceAll('/', '-')}.ts`), toProgram(program))
    }
    const config = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        paths: { purser: [join(root, 'src/index.ts')], 'purser/*': [join(root, 'src/*.ts')] },
        typeRoots: [join(root, 'node_modules/@types')],
        noUnusedLocals: false,
      },
      include: ['*.ts'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const result = await run(process.execPath, [compiler, '-p', folder]).catch((error) => error)
    expect(result.stdout).toBe('')
  })
})

describe('commands', () => {
  const withCommands = pages.filter((page) =>
    readPage(read(page)).blocks.some((block) => block.language === 'console' && block.run),
  )

  it.each(withCommands)('%s runs and prints what it says', (page) => {
    const folder = prepare(page)
    // In a checkout npx finds both; examples are named from the repository's root.
    const shell = `npx() { tool=$1; shift; case $tool in
  purser) "$NODE" "$ROOT/bin/purser.js" "$@" ;;
  node) program=$1; shift; "$NODE" --import "$LOADER" "$ROOT/$program" "$@" ;;
esac; }
`
    for (const block of readPage(read(page)).blocks) {
      if (block.language !== 'console' || !block.run) continue
      for (const { command, output } of readCommands(block.text)) {
        const printed = execFileSync('sh', ['-c', `${shell}${command} || echo "exit code $?"`], {
          cwd: folder,
          env: { ...environment, NODE: process.execPath, ROOT: root, LOADER: loader },
          encoding: 'utf8',
        })
        expect(normalise(printed, folder), `${page}, line ${block.line}: ${command}`).toBe(
          normalise(output, folder),
        )
      }
    }
  })
})

describe('links', () => {
  const everyPage = [...pages, 'CHANGELOG.md', ...globSync('docs/decisions/*.md', { cwd: root }).sort()]

  it.each(everyPage)('of %s lead somewhere', (page) => {
    const broken: string[] = []
    for (const [, target = ''] of withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      if (!existsSync(resolve(root, file))) broken.push(target)
      else if (anchor !== undefined && !anchorsOf(read(file)).has(anchor)) broken.push(target)
    }
    expect(broken).toEqual([])
  })

  it('lead from the README to every page', () => {
    const readme = read('README.md')
    for (const page of pages.slice(1)) expect(readme).toContain(`](${page})`)
  })
})

describe('errors.md', () => {
  it('has every code that an issue can have', () => {
    const sources = globSync('src/records/**/*.ts', { cwd: root }).map(read).join('\n')
    const codes = new Set([...sources.matchAll(/\bcode: '(\w+)'/g)].map(([, code]) => code))
    codes.delete('custom') // zod's word for an issue of a rule, which has a code of its own
    const page = read('docs/errors.md')
    for (const code of codes) expect(page).toContain(`\`${code}\``)
  })
})

function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '')
}

/** Anchors as GitHub makes them of headings. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = [...markdown.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)]
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  )
}
