// PURSER_URL in front of the commands, programs and examples of the README and of the guides gives
// what SQLite gives. What SQLite gives stands in the pages (test/project/docs.long.test.ts keeps
// them true); here they run on each server.

import { execFile } from 'node:child_process'
import { globSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { normalise, readCommands, readPage, splitOutput, toProgram } from '../support/docs-blocks.ts'
import { environment, loader, makeGiven, runCommand } from '../support/docs-session.ts'
import { engineNames, freshUrl, isThere } from '../support/fresh-url.ts'
import { scratchFolder } from '../support/scratch.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
const servers = engineNames.filter((name) => name !== 'sqlite')
const read = (page: string) => readFileSync(join(root, page), 'utf8')

/** The pages' own databases: the demo's, and the one that is used where nothing is named. */
const ownUrl = /sqlite:(?:\.\/)?purser(?:-demo)?\.db/
const toOwn = new RegExp(`(?: --url |"--url", ")${ownUrl.source}`, 'g')

/**
 * What is told of the database itself is another thing on each engine: its place, its name, its
 * version.
 */
function mask(text: string, folder: string, url: string): string {
  const database = /\/srv\/agents\/purser(?:-demo)?\.db/g
  return normalise(text.replaceAll(url, '<DATABASE>').replaceAll(location, '<DATABASE>'), folder)
    .replaceAll(toOwn, '')
    .replaceAll(new RegExp(ownUrl, 'g'), '<DATABASE>')
    .replaceAll(database, '<DATABASE>')
    .replaceAll(/^( {2}Named by +)\S.*$/gm, '$1<ORIGIN>')
    .replaceAll(/^( {2}Engine +)\S.*$/gm, '$1<ENGINE>')
    .replaceAll(/^( {2}Size +)\S.*$/gm, '$1<SIZE>')
    .replaceAll(/^(sqlite|postgres|mariadb)(?= true$)/gm, '<ENGINE>')
}

/** The pages of the commands take a minute on each engine. */
const pages = process.env.PURSER_TEST_EVERY_PAGE
  ? ['README.md', 'docs/cli.md', ...globSync('docs/cli/*.md', { cwd: root }).sort()]
  : ['README.md']

/**
 * A server's place as it is told of, without settings and quoted for a shell where it has to be.
 */
const location = /'?\b(?:postgres|mariadb):\/\/[^\s)';,"]+'?/g

/** Commands that show what is there when nothing is named; with PURSER_URL something is. */
const withoutUrl: ReadonlySet<string> = new Set(['npx purser status 2>&1'])
/** What these name themselves, or make, is a file. */
const aboutFiles =
  /\bpurser (?:backup|copy)\b|\b(?:moved|broken|after)\.db\b|purser-backup\.db|rescued\.jsonl/

describe.each(servers)('with PURSER_URL on %s', (engine) => {
  describe.skipIf(!isThere(engine))('where a server answers', () => {
    test.each(pages)('the commands of %s', { timeout: 300_000 }, async (page) => {
      const url = await freshUrl(engine)
      const folder = scratchFolder()
      makeGiven(page, read(page), folder, { PURSER_URL: url })
      for (const block of readPage(read(page)).blocks) {
        if (block.language !== 'console' || !block.run) continue
        for (const { command, output } of readCommands(block.text)) {
          if (withoutUrl.has(command) || aboutFiles.test(command)) continue
          // A configuration file is given the server's URL; all else finds it in the environment.
          const own = command.startsWith('npx purser init') ? ` --url '${url}'` : ''
          const printed = runCommand(command.replaceAll(toOwn, own), folder, { PURSER_URL: url })
          expect
            .soft(mask(printed, folder, url), `${page}, line ${block.line}: ${command}`)
            .toBe(mask(output, folder, url))
        }
      }
      if (!/given purser-demo\.db|npx purser demo/.test(read(page))) return
      const { data } = JSON.parse(runCommand('npx purser status --json', folder, { PURSER_URL: url }))
      expect(data).toMatchObject({ engine, rows: { plans: 9 }, health: { ok: true } })
    })

    test.each(['README.md', 'docs/getting-started.md'])('the program of %s', async (page) => {
      const url = await freshUrl(engine)
      const folder = scratchFolder()
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
      const blocks = readPage(read(page)).blocks.filter(
        ({ language, run: runs }) => language === 'ts' && runs,
      )
      writeFileSync(join(folder, 'program.ts'), toProgram(blocks))
      const { stdout } = await run(process.execPath, ['--import', loader, 'program.ts'], {
        cwd: folder,
        env: { ...environment, PURSER_URL: url },
      })
      const printed = splitOutput(stdout)
      for (const [index, { output, line }] of blocks.entries()) {
        if (output === undefined) continue
        expect(mask(printed[index] ?? '', folder, url), `${page}, line ${line}`).toBe(
          mask(output, folder, url),
        )
      }
    })

    test.each(globSync('*.ts', { cwd: join(root, 'examples') }).sort())('examples/%s', async (name) => {
      const url = await freshUrl(engine)
      const printed = async (more: NodeJS.ProcessEnv) => {
        const { stdout } = await run(process.execPath, ['--import', loader, join(root, 'examples', name)], {
          cwd: scratchFolder(),
          env: { ...environment, ...more },
        })
        return stdout
      }
      expect(await printed({ PURSER_URL: url })).toBe(await printed({}))
    })
  })
})
