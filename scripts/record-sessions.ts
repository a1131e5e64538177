// Runs the ```console blocks of Markdown pages and writes the output of their commands into the
// pages:
//
//   node scripts/record-sessions.ts docs/cli.md docs/cli/*.md
//
// Output that differs only in values that vary from run to run is kept.
// test/project/docs.long.test.ts checks whether pages are accurate.
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { normalise, readCommands, readPage } from '../test/support/docs-blocks.ts'
import { makeGiven, runCommand } from '../test/support/docs-session.ts'

for (const page of process.argv.slice(2)) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'purser-docs-')))
  try {
    record(page, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function record(page: string, folder: string): void {
  const markdown = readFileSync(page, 'utf8')
  makeGiven(page, markdown, folder)
  const lines = markdown.split('\n')
  // From the last block to the first, so that the line numbers before it do not change; run in
  // their order.
  const blocks = readPage(markdown).blocks.filter(({ language, run }) => language === 'console' && run)
  const recorded = blocks.map(({ text, line }) => {
    const commands = readCommands(text).map(({ command, output }) => {
      const printed = runCommand(command, folder)
      const isSame = normalise(printed, folder) === normalise(output, folder)
      const shown = isSame ? output : printed.replaceAll(folder, '/srv/agents')
      return `$ ${command}\n${shown}`.trimEnd()
    })
    return { line, length: text.split('\n').length, text: commands.join('\n') }
  })
  for (const { line, length, text } of recorded.toReversed())
    lines.splice(line - 1, length, ...text.split('\n'))
  const changed = lines.join('\n')
  if (changed !== markdown) writeFileSync(page, changed)
  console.log(changed === markdown ? `${page} is as it was` : `wrote ${page}`)
}
