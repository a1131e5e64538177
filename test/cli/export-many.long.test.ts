// `purser export` of many records: in little memory, with its progress, and stopped by a signal.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { manyMessages } from '../support/cli/many-messages.ts'
import { environment, program, workspace } from '../support/cli/purser.ts'

test.each(['SIGINT', 'SIGTERM'] as const)('stops cleanly on %s: no half file', async (signal) => {
  const { path, folder } = workspace()
  await manyMessages(path('purser.db'), 150_000)
  const before = readdirSync(folder).sort()
  const child = spawn(process.execPath, [program, 'export', '--out', 'all.jsonl'], {
    cwd: folder,
    env: environment(),
  })
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += String(text)
  })
  while (!readdirSync(folder).some((name) => name.endsWith('.part')))
    await new Promise((next) => setTimeout(next, 20))
  child.kill(signal)
  const [code] = await once(child, 'close')
  expect(code).toBe(signal === 'SIGINT' ? 130 : 143)
  expect(stderr).toContain('interrupted: all.jsonl was not written')
  expect(readdirSync(folder).sort()).toEqual(before)
})

const rows = Number(process.env.PURSER_EXPORT_ROWS ?? 100_000)

test(`of ${rows.toLocaleString('en')} messages shows how far it is, and takes little memory`, {
  timeout: 600_000,
}, async () => {
  const { path, folder } = workspace()
  await manyMessages(path('purser.db'), rows)
  const run = async (words: readonly string[]) => {
    const child = spawn(process.execPath, ['--import', tellPeak, program, ...words], {
      cwd: folder,
      env: environment(),
    })
    let stderr = ''
    child.stderr.on('data', (text) => {
      stderr += String(text)
    })
    child.stdout.resume()
    const [code] = await once(child, 'close')
    expect([code, stderr.replaceAll(/^(peak .*|[\d.]+ %.*|[\d,]+ records.*)\n/gm, '')]).toEqual([0, ''])
    return { kilobytes: Number(/^peak (\d+)$/m.exec(stderr)?.[1]), stderr }
  }
  const { kilobytes: least } = await run(['status'])
  const written = await run(['export', '--out', 'all.jsonl'])
  expect(written.kilobytes - least).toBeLessThan(45_000)
  const piped = await run(['export'])
  expect(piped.kilobytes - least).toBeLessThan(60_000)
  const read = await run(['import', 'all.jsonl', '--url', 'sqlite:other.db'])
  expect(read.kilobytes - least).toBeLessThan(75_000)
  console.info(
    `peak memory of ${rows} rows in kB: nothing ${least}, export ${written.kilobytes}, to a pipe ${piped.kilobytes}, import ${read.kilobytes}`,
  )
  if (rows >= 1_000_000)
    expect(written.stderr).toMatch(/^[\d.]+ % {2}message {2}[\d,]+ records {2}[\d,]+\/s {2}.* left$/m)
})

/** Prints the most memory that the process took, in kB, when it ends. */
const tellPeak = `data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS + String.fromCharCode(10)))",
)}`
