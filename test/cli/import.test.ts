// `purser import`: from files and standard input, on a file and on servers; what it says, what it
// refuses, and that it goes on where it was cut off.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type ImportReport, openStore } from '../../src/index.ts'
import { manyMessages } from '../support/cli/many-messages.ts'
import { environment, program, workspace } from '../support/cli/purser.ts'
import { describeOnEngines, freshUrl, isThere } from '../support/fresh-url.ts'
import { recordLinesOf, sealed } from '../support/transfer/files.ts'

async function linesIn(url: string): Promise<readonly string[]> {
  await using store = await openStore(url)
  return await recordLinesOf(store)
}

const linesOf = (text: string) => text.trimEnd().split('\n')

describeOnEngines('import into a database', (engine) => {
  test('stores everything, once', async () => {
    const { done, folder } = workspace()
    await done(['demo', '--url', 'sqlite:demo.db', '--quiet'])
    await done(['export', '--url', 'sqlite:demo.db', '--out', 'demo.jsonl.gz'])
    const url = await freshUrl(engine)
    await done(['migrate', '--url', url])
    const { stdout, stderr } = await done(['import', 'demo.jsonl.gz', '--url', url])
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^Stored \d+ records in .* in /)
    expect(stdout).toMatch(/^KIND +STORED +UNCHANGED +LEFT OUT$/m)
    expect(stdout).toMatch(/^cost record +26 +0 +0$/m)
    const records = await linesIn(`sqlite:${folder}/demo.db`)
    expect(await linesIn(url)).toEqual(records)
    const again = await done(['import', 'demo.jsonl.gz', '--url', url, '--json'])
    expect(again.json()).toMatchObject({
      status: 'ok',
      data: { file: 'demo.jsonl.gz', stored: 0, unchanged: records.length, failed: 0, errors: [] },
    })
  })

  test('goes on where it was killed, and ends in the same', { timeout: 300_000 }, async () => {
    const { done, path, folder } = workspace()
    await manyMessages(path('from.db'), 40_000)
    await done(['export', '--url', 'sqlite:from.db', '--out', 'all.jsonl'])
    const url = await freshUrl(engine)
    await done(['migrate', '--url', url])
    for (const [index, signal] of (['SIGKILL', 'SIGINT', 'SIGTERM'] as const).entries()) {
      const { code, stderr } = await stopped(folder, url, path('all.jsonl'), (index + 1) / 4, signal)
      if (signal === 'SIGKILL') continue
      expect([code, stderr]).toEqual([
        signal === 'SIGINT' ? 130 : 143,
        expect.stringMatching(
          /interrupted: [\d,]+ records? (is|are) stored; the same command goes on from there/,
        ),
      ])
    }
    const { data } = (await done(['import', 'all.jsonl', '--url', url, '--json'])).json<ImportReport>()
    expect(data.unchanged).toBeGreaterThan(0)
    expect(data.stored).toBeGreaterThan(0)
    expect(await linesIn(url)).toEqual(linesOf(readFileSync(path('all.jsonl'), 'utf8')).slice(1, -1))
  })
})

/**
 * Starts an import from a pipe that gives a part of the file and then nothing, and ends it with a
 * signal once it has stored more.
 */
async function stopped(folder: string, url: string, file: string, share: number, signal: NodeJS.Signals) {
  const child = spawn(process.execPath, [program, 'import', '-', '--url', url, '--no-color'], {
    cwd: folder,
    env: environment(),
  })
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += String(text)
  })
  child.stdin.on('error', () => undefined)
  const before = await settledCount(url)
  const bytes = readFileSync(file)
  child.stdin.write(bytes.subarray(0, Math.floor(bytes.length * share)))
  while ((await countIn(url)) === before) await new Promise((next) => setTimeout(next, 50))
  child.kill(signal)
  const [code] = await once(child, 'close')
  return { code, stderr }
}

/** A server may still commit what a process gave it that was killed. */
async function settledCount(url: string): Promise<number> {
  for (let count = await countIn(url); ; ) {
    await new Promise((next) => setTimeout(next, 300))
    const later = await countIn(url)
    if (later === count) return count
    count = later
  }
}

async function countIn(url: string): Promise<number> {
  await using store = await openStore({ url, migrate: 'check' })
  return await store.messages.count()
}

describe('import', () => {
  test('reads what export writes on standard output', async () => {
    const { done, folder } = workspace()
    await done(['demo', '--url', 'sqlite:demo.db', '--quiet'])
    const { stdout } = await done(['export', '--url', 'sqlite:demo.db'])
    await done(['import', '-'], { input: stdout })
    expect(await linesIn(`sqlite:${folder}/purser.db`)).toEqual(linesOf(stdout).slice(1, -1))
  })

  test('with --dry-run only looks, and makes no database for that', async () => {
    const { done, purser, path } = workspace()
    await done(['demo', '--url', 'sqlite:demo.db', '--quiet'])
    await done(['export', '--url', 'sqlite:demo.db', '--out', 'demo.jsonl'])
    const { stdout } = await done(['import', 'demo.jsonl', '--dry-run'])
    expect(stdout).toMatch(
      /^demo\.jsonl is whole: \d+ records; nothing was stored\n\nNext:\n {2}purser import demo\.jsonl$/m,
    )
    appendFileSync(path('demo.jsonl'), 'more\n')
    expect(await purser(['import', 'demo.jsonl', '--dry-run'])).toMatchObject({ code: 1, stdout: '' })
    expect(existsSync(path('purser.db'))).toBe(false)
  })

  test('of a file without records says so', async () => {
    const { done } = workspace()
    await done(['migrate'])
    await done(['export', '--out', 'none.jsonl'])
    expect((await done(['import', 'none.jsonl'])).stdout).toBe('none.jsonl holds no records\n')
  })

  test('ends at a bad line, or leaves such lines out', async () => {
    const { done, purser, path, folder } = workspace()
    await done(['demo', '--url', 'sqlite:demo.db', '--quiet'])
    const [header = '', ...rest] = linesOf((await done(['export', '--url', 'sqlite:demo.db'])).stdout)
    const records = rest.slice(0, -1)
    const bad = records.findIndex((line) => line.startsWith('{"type":"message"'))
    const changed = records.map((line, index) =>
      index === bad ? line.replace(/"channel":"[^"]*"/, '"channel":""') : line,
    )
    writeFileSync(path('bad.jsonl'), sealed(header, changed))
    const stop = await purser(['import', 'bad.jsonl'])
    expect([stop.code, stop.stdout]).toEqual([1, ''])
    expect(stop.stderr).toBe(
      `purser: line ${bad + 2}: record.channel must not be blank; ${bad} records were stored and stay. Skip such lines, or mend the record where it comes from and export again; the next import goes on from there\n`,
    )
    const failed = await purser(['import', 'bad.jsonl', '--json'])
    expect(failed.json()).toMatchObject({
      status: 'error',
      exitCode: 1,
      data: null,
      messages: [{ code: 'TRANSFER_FAILED' }],
    })
    const skip = await purser(['import', 'bad.jsonl', '--on-error', 'skip'])
    expect(skip.code).toBe(3)
    expect(skip.stdout).toMatch(/^Stored \d+ records in .*; \d+ there already; 1 left out$/m)
    expect(skip.stdout).toMatch(
      new RegExp(`^ *${bad + 2} +message +record\\.channel must not be blank$`, 'm'),
    )
    expect(await linesIn(`sqlite:${folder}/purser.db`)).toEqual(records.filter((_, index) => index !== bad))
    // Its checksum is one that fits; in a file that was changed by hand it would not be.
    expect(skip.stderr).toBe('')
    writeFileSync(path('changed.jsonl'), [header, ...changed, rest.at(-1), ''].join('\n'))
    const damaged = await purser([
      'import',
      'changed.jsonl',
      '--on-error',
      'skip',
      '--url',
      'sqlite:other.db',
    ])
    expect(damaged.code).toBe(3)
    expect(damaged.stderr).toMatch(
      /^warn: the checksum of the file is not the one in its last line: lines that were stored may have been/,
    )
    const json = await purser(['import', 'bad.jsonl', '--on-error', 'skip', '--json'])
    expect(json.json()).toMatchObject({
      status: 'warn',
      exitCode: 3,
      data: {
        failed: 1,
        errors: [{ line: bad + 2, type: 'message', message: 'record.channel must not be blank' }],
      },
    })
  })

  test('refuses files that are none, before a database is made', async () => {
    const { purser, path, folder } = workspace()
    writeFileSync(path('notes.txt'), 'Nothing but text.\n')
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['import'], 2, /missing/],
      [['import', 'nowhere.jsonl'], 1, /nowhere\.jsonl cannot be read: there is no such file/],
      [['import', '.'], 1, /\. is a folder; name the file in it/],
      [['import', 'notes.txt'], 1, /purser: line 1 is no header: .*; nothing was stored/],
      [['import', 'notes.txt', '--on-error', 'retry'], 2, /--on-error must be one of stop, skip; is "retry"/],
      [['import', 'notes.txt', '--max-line', '0'], 2, /--max-line must be a whole number of at least 1/],
    ]
    for (const [words, code, text] of cases) {
      const result = await purser(words)
      expect(result.code, words.join(' ')).toBe(code)
      expect(result.stderr, words.join(' ')).toMatch(text)
    }
    expect(readdirSync(folder)).toEqual(['notes.txt'])
  })

  test('refuses a database at another version', async () => {
    const { done, purser } = workspace()
    await done(['demo', '--url', 'sqlite:demo.db', '--quiet'])
    await done(['export', '--url', 'sqlite:demo.db', '--out', 'demo.jsonl'])
    await done(['migrate'])
    await done(['migrate', '--to', '7', '--yes', '--no-backup'])
    const { code, stderr } = await purser(['import', 'demo.jsonl'])
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/the database is at version 7, this build needs \d+; run purser migrate/),
    ])
  })

  test.runIf(isThere('postgres'))(
    'says so when the server goes away, and goes on when it is back',
    async () => {
      const { done, path, folder } = workspace()
      await manyMessages(path('from.db'), 30_000)
      await done(['export', '--url', 'sqlite:from.db', '--out', 'all.jsonl'])
      const url = await freshUrl('postgres')
      await done(['migrate', '--url', url])
      const relay = await startRelay(url)
      const child = spawn(
        process.execPath,
        [program, 'import', 'all.jsonl', '--url', relay.url, '--no-color'],
        {
          cwd: folder,
          env: environment(),
        },
      )
      let stderr = ''
      child.stderr.on('data', (text) => {
        stderr += String(text)
      })
      while ((await countIn(url)) === 0) await new Promise((next) => setTimeout(next, 50))
      await relay.stop()
      const [code] = await once(child, 'close')
      expect(code).toBe(1)
      expect(stderr).toMatch(/[\d,]+ records are stored; the same command goes on from there/)
      expect(stderr).toMatch(/purser: .*(server|connection|reached)/)
      await done(['import', 'all.jsonl', '--url', url])
      expect(await countIn(url)).toBe(30_000)
    },
  )
})

/** Stands between the program and a server, until it is stopped. */
async function startRelay(url: string) {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect({ host: target.hostname, port: Number(target.port || 5432) })
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    near.pipe(far).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const through = new URL(url)
  through.host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  return {
    url: String(through),
    stop: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
