// Rows about starting: programs as a user runs them, against the same Node.js with nothing to do,
// in turns. The package is measured as published: in a checkout the command line also compares the
// age of every source.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStore } from '../src/index.ts'
import type { Row } from './row.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const ROUNDS = 15

/** How many times as long as `node -e 0` each may take. */
const programs = [
  { name: "import 'purser'", most: 3, program: "import 'purser'" },
  {
    name: 'open a current file and read one record',
    most: 4,
    program: `import { openStore } from 'purser'
const store = await openStore(process.env.PURSER_URL)
await store.tasks.list({}, { limit: 1 })
await store.close()`,
  },
  { name: 'purser --help', most: 3, words: ['--help'] },
  { name: 'purser status', most: 5, words: ['status'] },
] as const

export async function* startRows(folder: string): AsyncGenerator<Row> {
  const place = join(resolve(folder), 'start')
  publish(place)
  const url = `sqlite:${join(place, 'purser.db')}`
  await (await openStore(url)).close()
  const commands = programs.map((program, index) => {
    if ('words' in program) return [join(place, 'node_modules/purser/bin/purser.js'), ...program.words]
    const file = join(place, `program-${index}.js`)
    writeFileSync(file, program.program)
    return [file]
  })
  const fastest = fastestOf([['-e', '0'], ...commands], place, url)
  const [raw = Number.NaN] = fastest
  for (const [index, { name, most }] of programs.entries()) {
    const ours = fastest[index + 1] ?? Number.NaN
    const target = { kind: 'at least', ratio: 1 / most } as const
    yield { workload: `${name}, against node -e 0`, unit: 'ms', ours, raw, ratio: raw / ours, target }
  }
}

/** The package in a separate folder, with its dependencies. */
function publish(place: string): void {
  const installed = join(place, 'node_modules/purser')
  mkdirSync(installed, { recursive: true })
  for (const name of ['dist', 'bin', 'package.json'])
    cpSync(join(root, name), join(installed, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'))
  writeFileSync(join(place, 'package.json'), JSON.stringify({ type: 'module' }))
}

/** A busy machine only adds to a time, so the fastest round is the most accurate. */
function fastestOf(commands: readonly (readonly string[])[], cwd: string, url: string): number[] {
  const fastest = commands.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, words] of commands.entries()) {
      const started = performance.now()
      const { status, stderr } = spawnSync(process.execPath, words, {
        cwd,
        env: { ...process.env, PURSER_URL: url },
      })
      const took = performance.now() - started
      if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}: ${stderr}`)
      fastest[index] = Math.min(fastest[index] ?? took, took)
    }
  }
  return fastest
}
