// The package as npm packs and installs it: no script runs, nothing is warned of, and the library
// and its command work in an empty folder. Asks the registry for the package's dependencies, unless
// npm has them.

import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { purserVersion } from '../../src/version.ts'
import { scratchFolder } from '../support/scratch.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
/**
 * What npm hands to the scripts it runs (`npm --silent test` would silence the npm here too) is not
 * a stranger's environment.
 */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)))

test('U1, D9: the packed package installs without a script or a warning, and works', async () => {
  const packed = scratchFolder()
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', packed], { cwd: root, env })
  expect(readdirSync(packed)).toEqual([`purser-${purserVersion}.tgz`])

  const folder = scratchFolder()
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--foreground-scripts']
  const installed = await run('npm', [...args, join(packed, `purser-${purserVersion}.tgz`)], {
    cwd: folder,
    env,
  })
  expect(installed.stderr).toBe('')
  expect(installed.stdout).toMatch(/^\s*added \d+ packages in \S+\s*$/)
  const manifest = JSON.parse(readFileSync(join(folder, 'node_modules/purser/package.json'), 'utf8'))
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) {
    expect(manifest.scripts).not.toHaveProperty(name)
  }

  const program = `import { openStore } from 'purser'
const store = await openStore('sqlite:./purser.db')
console.log((await store.healthCheck()).ok)
await store.close()`
  const ran = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: folder })
  expect(ran).toEqual({ stdout: 'true\n', stderr: '' })
  const remote = `import { PersistenceError } from 'purser'
import { createClient } from 'purser/client'
const client = createClient({ url: 'http://127.0.0.1:1', retries: 0 })
console.log(await client.tasks.count().catch((error) => error instanceof PersistenceError && error.code))`
  const asked = await run(process.execPath, ['--input-type=module', '--eval', remote], { cwd: folder })
  expect(asked).toEqual({ stdout: 'CONNECTION_FAILED\n', stderr: '' })
  const command = [join(folder, 'node_modules/.bin/purser'), 'status', '--json']
  const { stdout } = await run(process.execPath, command, { cwd: folder })
  expect(JSON.parse(stdout)).toMatchObject({ status: 'ok' })
})

test('U1: the README names the file that npm packs', () => {
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(`purser-${purserVersion}.tgz`)
})
