// `purser import`: from files and standard input, on a file and on servers; what it says, what it
// refuses. That it goes on where it was cut off is in import-killed.long.test.ts.

import { appendFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { withoutProgress, workspace } from '../support/cli/purser.ts'
import { describeOnEngines, freshUrl } from '../support/fresh-url.ts'
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
    expect(withoutProgress(stderr)).toBe('')
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
})

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
    expect(withoutProgress(stop.stderr)).toBe(
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
    expect(withoutProgress(skip.stderr)).toBe('')
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
    expect(withoutProgress(damaged.stderr)).toMatch(
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
})
