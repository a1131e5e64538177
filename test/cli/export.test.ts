// `purser export`: into files and to standard output, on a file and on servers, and refused where
// it has to be. Many records and signals are in export-many.long.test.ts.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { manyMessages } from '../support/cli/many-messages.ts'
import { environment, program, withoutProgress, workspace } from '../support/cli/purser.ts'
import { largeDatabase, leavesOf, overwrite, SECRET } from '../support/damaged-pages.ts'
import { describeOnEngines, freshUrl } from '../support/fresh-url.ts'
import { modeOf } from '../support/scratch.ts'
import { canMount, smallDisk } from '../support/small-disk.ts'

const linesOf = (text: string) => text.trimEnd().split('\n')

describeOnEngines('export of a database', (engine) => {
  test('writes every record to a file, and the same lines to standard output', async () => {
    const { done, path } = workspace()
    const url = await freshUrl(engine)
    await done(['migrate', '--url', url])
    await done(['demo', '--url', url, '--quiet'])
    const { stdout, stderr } = await done(['export', '--url', url, '--out', 'demo.jsonl'])
    expect(withoutProgress(stderr)).toBe('')
    expect(stdout).toMatch(/^Wrote \d+ records to demo\.jsonl \(\d+\.\d kB\) in /)
    expect(stdout).toMatch(/^ {2}cost record +26$/m)
    expect(stdout).toMatch(/^Into another database:\n {2}purser import demo\.jsonl --url sqlite:other\.db/m)
    const lines = linesOf(readFileSync(path('demo.jsonl'), 'utf8'))
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ type: 'header', formatVersion: 4 })
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'trailer', records: lines.length - 2 })
    const out = await done(['export', '--url', url])
    expect(linesOf(out.stdout).slice(1)).toEqual(lines.slice(1))
    expect(withoutProgress(out.stderr)).toBe('')
  })
})

describe('export', () => {
  test('compresses by the name, keeps the file to its owner, and tells it as JSON', async () => {
    const { done, path } = workspace()
    await done(['demo', '--url', 'sqlite:purser.db', '--quiet'])
    const { data } = (await done(['export', '--out', 'all.jsonl.gz', '--json'])).json<{
      path: string
      fileBytes: number
      bytes: number
      records: number
      counts: Record<string, number>
      checksums: Record<string, string>
      sha256: string
    }>()
    const packed = readFileSync(path('all.jsonl.gz'))
    const lines = linesOf(gunzipSync(packed).toString())
    const { type: _, ...trailer } = JSON.parse(lines.at(-1) ?? '')
    expect(data).toMatchObject({ ...trailer, path: path('all.jsonl.gz'), fileBytes: packed.length })
    expect(data.bytes).toBe(gunzipSync(packed).length)
    expect(modeOf(path('all.jsonl.gz'))).toBe('600')
  })

  test('of some kinds', async () => {
    const { done } = workspace()
    await done(['demo', '--url', 'sqlite:purser.db', '--quiet'])
    const { stdout } = await done(['export', '--types', 'message,action'])
    const types = linesOf(stdout).map((line) => JSON.parse(line).type)
    expect([...new Set(types)]).toEqual(['header', 'action', 'message', 'trailer'])
  })

  test('of an empty database says so', async () => {
    const { done } = workspace()
    await done(['migrate'])
    expect((await done(['export', '--out', 'none.jsonl'])).stdout).toMatch(
      /^There are no records; none\.jsonl says so/,
    )
    expect(linesOf((await done(['export', '--out', '-'])).stdout)).toHaveLength(2)
  })

  test('refuses what cannot be, and does nothing then', async () => {
    const { purser, done, path, folder } = workspace()
    expect(await purser(['export'])).toMatchObject({ code: 1, stdout: '' })
    await done(['migrate'])
    writeFileSync(path('taken.jsonl'), 'mine')
    const before = readdirSync(folder).sort()
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [
        ['--json'],
        2,
        /--json prints one document on standard output, where the records would go; name a file with --out/,
      ],
      [['--out', '-', '--json'], 2, /name a file with --out/],
      [['--force'], 2, /--force goes with --out FILE/],
      [['--types', 'recipe'], 2, /--types must be one of action, automation_profile, .*; is "recipe"/],
      [
        ['--out', 'taken.jsonl'],
        2,
        /taken\.jsonl is there already; choose another name, or replace it with --force/,
      ],
      [['--out', 'nowhere/all.jsonl'], 1, /nowhere\/all\.jsonl cannot be written: its folder does not exist/],
    ]
    for (const [words, code, text] of cases) {
      const result = await purser(['export', ...words])
      expect(result.code, words.join(' ')).toBe(code)
      expect(result.stderr + result.stdout, words.join(' ')).toMatch(text)
    }
    expect(readdirSync(folder).sort()).toEqual(before)
    expect(readFileSync(path('taken.jsonl'), 'utf8')).toBe('mine')
    await done(['export', '--out', 'taken.jsonl', '--force'])
    expect(readFileSync(path('taken.jsonl'), 'utf8')).toMatch(/^\{"type":"header"/)
  })

  test('ends quietly when its reader goes away', async () => {
    const { path, folder } = workspace()
    await manyMessages(path('purser.db'), 20_000)
    const child = spawn('sh', ['-c', `"$NODE" "$PURSER" export | head -n 2; echo "\${PIPESTATUS:-}"`], {
      cwd: folder,
      env: environment({ NODE: process.execPath, PURSER: program }),
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (text) => {
      stdout += String(text)
    })
    child.stderr.on('data', (text) => {
      stderr += String(text)
    })
    await once(child, 'close')
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^\{"type":"header".*\n\{"type":"message"/)
  })

  test.runIf(canMount)('says that the disk is full, and leaves nothing there', async () => {
    const { path, purser } = workspace()
    await manyMessages(path('purser.db'), 20_000)
    const disk = smallDisk(3)
    const { code, stderr } = await purser(['export', '--out', join(disk.folder, 'all.jsonl')])
    expect(code).toBe(1)
    expect(stderr).toMatch(/all\.jsonl cannot be written: the disk is full; nothing was left there/)
    expect(readdirSync(disk.folder)).toEqual([])
  })
})

describe('U15: a damaged database', () => {
  async function damaged() {
    const place = workspace()
    const path = await largeDatabase()
    overwrite(path, leavesOf(path, 'tasks').slice(2, 4))
    return { ...place, url: ['--url', `sqlite:${path}`] }
  }

  test('without --salvage the export fails, and names the table and the flag', async () => {
    const { purser, url, path } = await damaged()
    const { code, stderr } = await purser(['export', ...url, '--out', 'x.jsonl'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/the table tasks cannot be read to its end.*purser export --salvage/)
    expect(existsSync(path('x.jsonl'))).toBe(false)
  })

  test('with --salvage what is lost is listed on standard error, the code is 3, and the import needs --partial', async () => {
    const { purser, url, path } = await damaged()
    const { code, stdout, stderr } = await purser(['export', ...url, '--salvage', '--out', 'x.jsonl'])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^warn: tasks "task-\d+" is left out: the row cannot be read$/m)
    expect(stderr).toMatch(/what was written is partial: \d+ losses, listed in its last line/)
    expect(stderr + stdout).not.toContain(SECRET)
    expect(stdout).toContain('purser import x.jsonl --partial')
    const lost = stderr.split('\n').filter((line) => line.includes('is left out')).length
    const refused = await purser(['import', 'x.jsonl', '--url', 'sqlite:new.db'])
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the file is partial') as string,
    })
    expect(existsSync(path('new.db'))).toBe(false)
    const imported = await purser(['import', 'x.jsonl', '--partial', '--url', 'sqlite:new.db', '--json'])
    expect(imported.code).toBe(3)
    expect(imported.json<{ partial: { lost: number } }>().data.partial.lost).toBe(lost)
  })

  test('to standard output: the lines, the list beside them, and the code', async () => {
    const { purser, url } = await damaged()
    const { code, stdout, stderr } = await purser(['export', ...url, '--salvage', '--types', 'task'])
    expect(code).toBe(3)
    expect(JSON.parse(linesOf(stdout).at(-1) ?? '')).toMatchObject({
      partial: { lost: expect.any(Number) as number },
    })
    expect(stderr).toContain('is left out')
  })

  test('copy --on-error skip leaves out the same, lists it, and ends with 3', async () => {
    const { purser, url } = await damaged()
    const words = ['copy', '--from', url[1] ?? '', '--to', 'sqlite:other.db']
    const stopped = await purser(words)
    expect(stopped).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/tasks.*--on-error skip/) as string,
    })
    const { code, stdout } = await purser([...words, '--on-error', 'skip'])
    expect(code).toBe(3)
    expect(stdout).toMatch(/tasks +task-\d+ +the row cannot be read/)
  })
})
