// README.md and the guides are true: their programs run, print what the page says and pass the
// compiler; their links lead somewhere. The conventions of pages are in support/docs-blocks.ts.

import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { normalise, readCommands, readPage, splitOutput, toProgram } from '../support/docs-blocks.ts'
import { environment, loader, makeGiven, runCommand } from '../support/docs-session.ts'
import { scratchFolder } from '../support/scratch.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Pages with programs, commands, or neither; the decisions have links only. */
const commandPages = globSync('docs/cli/*.md', { cwd: root }).sort()
const pages = ['README.md', ...globSync('docs/*.md', { cwd: root }).sort(), ...commandPages]
const run = promisify(execFile)

const read = (page: string) => readFileSync(join(root, page), 'utf8')
const programOf = (page: string) =>
  readPage(read(page)).blocks.filter((block) => block.language === 'ts' && block.run)

/** An empty folder in which packages are found as in this checkout. */
function projectFolder(): string {
  const folder = scratchFolder()
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
  return folder
}

function prepare(page: string): string {
  const folder = projectFolder()
  makeGiven(page, read(page), folder)
  return folder
}

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
        paths: {
          purser: [join(root, 'src/index.ts')],
          'purser/events': [join(root, 'src/observability/events.ts')],
          'purser/client': [join(root, 'src/client/index.ts')],
          'purser/worker': [join(root, 'src/worker/index.ts')],
          'purser/server': [join(root, 'src/server/index.ts')],
          'purser/*': [join(root, 'src/*.ts')],
        },
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

  it.each(withCommands)(
    '%s runs and prints what it says',
    (page) => {
      const folder = prepare(page)
      for (const block of readPage(read(page)).blocks) {
        if (block.language !== 'console' || !block.run) continue
        for (const { command, output } of readCommands(block.text)) {
          const printed = runCommand(command, folder)
          expect(normalise(printed, folder), `${page}, line ${block.line}: ${command}`).toBe(
            normalise(output, folder),
          )
        }
      }
    },
    300_000,
  )
})

describe('links', () => {
  const everyPage = [
    ...pages,
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    ...globSync('docs/decisions/*.md', { cwd: root }).sort(),
  ]

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
    const linked = pages.filter((page) => page !== 'README.md' && !commandPages.includes(page))
    for (const page of linked) expect(readme).toContain(`](${page})`)
  })

  it('lead from the index of commands to the page of each', () => {
    const index = read('docs/cli.md')
    for (const page of commandPages) expect(index).toContain(`](${page.replace('docs/', '')})`)
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
