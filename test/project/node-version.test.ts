// What an old Node.js is answered: by the library on import, before a driver is loaded, and by the
// command line. Runs on the Node.js of the machine where that is an old one, and everywhere on this
// one with another number.

import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const said = /purser needs Node\.js 22\.14 or newer; this is (\d+\.\d+\.\d+) \(/
const entry = new URL('../../src/index.ts', import.meta.url)

/** Runs a program as if Node.js had another number. */
async function runAs(version: string, program: string) {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
  const preload = `data:text/javascript,${encodeURIComponent(pretend)}`
  const child = promisify(execFile)(
    process.execPath,
    ['--import', preload, '--input-type=module', '--eval', program],
    { cwd: root },
  )
  return child.catch(
    (error: { code: number; signal: string | null; stdout: string; stderr: string }) => error,
  )
}

describe('U2: a Node.js that is too old', () => {
  test.each(['20.20.2', '22.13.1', '18.0.0'])('%s cannot import the library', async (version) => {
    const ran = await runAs(version, `await import('${entry}'); console.log('imported')`)
    expect(ran).toMatchObject({ code: 1, signal: null, stdout: '' })
    expect(said.exec(ran.stderr)?.[1]).toBe(version)
    expect(ran.stderr).not.toContain('better')
  })

  test.each(['22.14.0', '23.0.0', '24.1.0'])('%s is new enough', async (version) => {
    const ran = await runAs(version, `await import('${entry}'); console.log('imported')`)
    expect(ran).toMatchObject({ stdout: 'imported\n' })
  })

  const old = oldNode()
  const run = (args: readonly string[]) =>
    promisify(execFile)(old ?? '', [...args], { cwd: root }).catch(
      (error: { code: number; signal: string | null; stdout: string; stderr: string }) => error,
    )

  test.skipIf(old === undefined)('in truth cannot import the library', async () => {
    const program = `import { openStore } from '${new URL('../../dist/index.js', import.meta.url)}'; await openStore('sqlite::memory:')`
    const ran = await run(['--input-type=module', '--eval', program])
    expect(ran).toMatchObject({ code: 1, signal: null, stdout: '' })
    expect(ran.stderr).toMatch(said)
  })

  test.skipIf(old === undefined)('in truth cannot run the command', async () => {
    const ran = await run(['bin/purser.js', '--help'])
    expect(ran).toMatchObject({ code: 2, signal: null, stdout: '' })
    expect(ran.stderr).toMatch(/^purser needs Node\.js 22\.14 or newer; this is .*\n$/)
  })
})

/** The machine's own Node.js, where it is older than what is needed. */
function oldNode(): string | undefined {
  return ['/usr/bin/node', '/usr/local/bin/node'].find((path) => {
    if (!existsSync(path)) return false
    const [major = 0] = execFileSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' }).split('.')
    return Number(major) < 22
  })
}
