// Runs the ```console blocks of a Markdown page (docs-blocks.ts has their conventions) as a reader
// in a checkout would: in an empty folder, with `npx purser` and `npx node` being this checkout's.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeOldDatabase } from '../../examples/make-old-database.ts'
import { readPage } from './docs-blocks.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Makes `import 'purser'` work in a program of any folder. */
export const loader = join(root, 'test/support/children/purser-source.ts')
export const environment = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  NO_COLOR: '1',
  TZ: 'UTC',
  // The sources are compiled once for all processes.
  NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/purser-tests'),
}

/** Files that pages ask for by `<!-- given NAME -->`. */
const makers: Readonly<Record<string, Maker>> = {
  'old.db': (folder, name) => makeOldDatabase(join(folder, name)),
  'notes.txt': (folder, name) => writeFileSync(join(folder, name), 'Nothing but text.\n'),
  'purser-demo.db': (folder, _, more) => prepare('npx purser demo --quiet', folder, more),
  'purser.config.yaml': (folder, _, more) =>
    prepare(`npx purser init --quiet --url '${more.PURSER_URL ?? 'sqlite:./purser-demo.db'}'`, folder, more),
}

type Maker = (folder: string, name: string, more: NodeJS.ProcessEnv) => void

function prepare(command: string, folder: string, more: NodeJS.ProcessEnv): void {
  const printed = runCommand(command, folder, more)
  if (/^exit code /m.test(printed)) throw new Error(`${command}: ${printed}`)
}

/** Puts the files into a folder that the page is given. */
export function makeGiven(
  page: string,
  markdown: string,
  folder: string,
  more: NodeJS.ProcessEnv = {},
): void {
  for (const name of readPage(markdown).given) {
    const make = makers[name]
    if (!make) throw new Error(`${page} wants ${name}, and no maker is registered for it`)
    make(folder, name, more)
  }
}

// In a checkout npx finds both; examples are named from the repository's root.
const shell = `npx() { tool=$1; shift; case $tool in
  purser) "$NODE" "$ROOT/bin/purser.js" "$@" ;;
  node) program=$1; shift; "$NODE" --import "$LOADER" "$ROOT/$program" "$@" ;;
esac; }
`

/** What a command prints on standard output, and its exit code when it is not 0. */
export function runCommand(command: string, folder: string, more: NodeJS.ProcessEnv = {}): string {
  return execFileSync('sh', ['-c', `${shell}${command} || echo "exit code $?"`], {
    cwd: folder,
    env: { ...environment, ...more, NODE: process.execPath, ROOT: root, LOADER: loader },
    encoding: 'utf8',
  })
}
