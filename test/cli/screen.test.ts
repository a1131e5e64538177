// How texts, amounts, times and tables are written, away from any process.

import picocolors from 'picocolors'
import { describe, expect, test } from 'vitest'
import { readTime, readTimeAhead } from '../../src/cli/flags/typed-times.ts'
import { alignMoney, bar, bytes, duration, money, percent } from '../../src/cli/screen/amounts.ts'
import { commandLine, withFlag } from '../../src/cli/screen/command-line.ts'
import { facts } from '../../src/cli/screen/facts.ts'
import { createProgress } from '../../src/cli/screen/progress.ts'
import { table } from '../../src/cli/screen/table.ts'
import { cut, displayWidth, maskPasswords, pad, printableLine, wrap } from '../../src/cli/screen/text.ts'
import { absolute, ahead, relative } from '../../src/cli/screen/times.ts'

const paint = picocolors.createColors(false)

describe('amounts', () => {
  test('of money are exact, and aligned at the point', () => {
    expect(alignMoney(['0.1', '1234.000000001', '2'])).toEqual([
      '0.100000000',
      '1,234.000000001',
      '2.000000000',
    ])
    expect(alignMoney(['3'])).toEqual(['3.00'])
    expect(money('7.932878', 'USD')).toBe('7.932878 USD')
    expect(money('1234567', 'EUR')).toBe('1,234,567 EUR')
  })

  test('of anything else are short', () => {
    expect([0, 999, 1000, 4_972_544, 7e12].map(bytes)).toEqual(['0 B', '999 B', '1.0 kB', '5.0 MB', '7.0 TB'])
    expect([0.36, 42, 1400, 125_000].map(duration)).toEqual(['0.4 ms', '42 ms', '1.4 s', '2 min 5 s'])
    expect([0, 0.3934, 1].map(percent)).toEqual(['0.0 %', '39.3 %', '100.0 %'])
  })

  test('as bars are drawn to an eighth of a cell, and seen when above zero', () => {
    expect([0, 1e-9, 0.5, 0.55, 1, 7].map((share) => bar(share, 4))).toEqual([
      '',
      '▏',
      '██',
      '██▎',
      '████',
      '████',
    ])
  })
})

describe('times', () => {
  const now = new Date('2026-03-10T12:00:00Z')
  test.each([
    ['2026-03-10T11:59:30Z', 'just now'],
    ['2026-03-10T11:55:00Z', '5 min ago'],
    ['2026-03-10T09:00:00Z', '3 h ago'],
    ['2026-03-06T12:00:00Z', '4 d ago'],
    ['2026-01-06T12:00:00Z', '2026-01-06'],
    ['2026-03-12T12:00:00Z', 'in 2 d'],
  ])('%s reads %s', (time, text) => {
    expect(relative(new Date(time), now)).toBe(text)
  })
  test.each([
    ['30m', '2026-03-10T11:30:00.000Z'],
    ['90min', '2026-03-10T10:30:00.000Z'],
    ['24h', '2026-03-09T12:00:00.000Z'],
    ['7d', '2026-03-03T12:00:00.000Z'],
    ['2w', '2026-02-24T12:00:00.000Z'],
    ['1y', '2025-03-10T12:00:00.000Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T09:30:00+02:00', '2026-01-31T07:30:00.000Z'],
    ['2026-01-31T09:30:00', undefined],
    ['2026-02-30', undefined],
    ['1M', '2026-02-10T12:00:00.000Z'],
    ['12M', '2025-03-10T12:00:00.000Z'],
    ['3 days ago', '2026-03-07T12:00:00.000Z'],
    ['2 weeks', '2026-02-24T12:00:00.000Z'],
    ['an hour', undefined],
    ['yesterday', '2026-03-09T00:00:00.000Z'],
    ['Today', '2026-03-10T00:00:00.000Z'],
    ['now', '2026-03-10T12:00:00.000Z'],
    ['last week', '2026-03-02T00:00:00.000Z'],
    ['last-month', '2026-02-01T00:00:00.000Z'],
    ['this year', '2026-01-01T00:00:00.000Z'],
    ['constructor', undefined],
    ['2026-11', '2026-11-01T00:00:00.000Z'],
    ['2026', '2026-01-01T00:00:00.000Z'],
    ['2026-13', undefined],
    ['1 M', '2026-02-10T12:00:00.000Z'],
    ['1 m', '2026-03-10T11:59:00.000Z'],
    ['7', undefined],
    ['7q', undefined],
    ['-7d', undefined],
    ['999999w', undefined],
    ['', undefined],
  ])('U18: %s is understood as %s', (typed, time) => {
    expect(readTime(typed, now)?.toISOString()).toBe(time)
  })
  test.each([
    ['1h', '2026-03-10T13:00:00.000Z'],
    ['in 2 hours', '2026-03-10T14:00:00.000Z'],
    ['3 days', '2026-03-13T12:00:00.000Z'],
    ['1M', '2026-04-10T12:00:00.000Z'],
    ['1y', '2027-03-10T12:00:00.000Z'],
    ['tomorrow', '2026-03-11T00:00:00.000Z'],
    ['Next week', '2026-03-16T00:00:00.000Z'],
    ['next-month', '2026-04-01T00:00:00.000Z'],
    ['next year', '2027-01-01T00:00:00.000Z'],
    ['2026-12-24', '2026-12-24T00:00:00.000Z'],
    ['2026-12-24T18:00:00+02:00', '2026-12-24T16:00:00.000Z'],
    ['3 days ago', undefined],
    ['yesterday', undefined],
    ['7', undefined],
    ['', undefined],
  ])('that lie ahead: %s is understood as %s', (typed, time) => {
    expect(readTimeAhead(typed, now)?.toISOString()).toBe(time)
  })
  test.each([
    [1, 'in 1 s'],
    [41_001, 'in 42 s'],
    [59_999, 'in 60 s'],
    [60_000, 'in 1 min'],
    [0, 'just now'],
    [-30_000, 'just now'],
    [-120_000, '2 min ago'],
  ])('that lie %d ms ahead read %s', (left, text) => {
    expect(ahead(new Date(now.getTime() + left), now)).toBe(text)
  })
  test('in full are in UTC', () => {
    expect(absolute(now)).toBe('2026-03-10 12:00:00 UTC')
  })
})

describe('text', () => {
  test('is measured in cells', () => {
    expect(
      ['abc', 'né', 'né', '日本', '🚀', '👩‍👩‍👧', '\u001b[31mred\u001b[39m', ''].map(displayWidth),
    ).toEqual([3, 2, 2, 4, 2, 2, 3, 0])
  })
  test('is cut, padded and wrapped by cells', () => {
    expect(['abcdef', '日本語文', 'ab cd'].map((text) => cut(text, 4))).toEqual(['abc…', '日…', 'ab…'])
    expect(cut('fits', 4)).toBe('fits')
    expect([pad('日', 4), pad('1', 3, 'end')]).toEqual(['日  ', '  1'])
    expect(wrap('one two three\n\nfour', 8)).toEqual(['one two', 'three', '', 'four'])
    expect(wrap('unbreakable', 4)).toEqual(['unbreakable'])
    // Measured anew for every word, a text as long as any may be would take minutes.
    const long = '東京 '.repeat(150_000).trim()
    expect(wrap(long, Number.POSITIVE_INFINITY)).toEqual([long])
    expect(wrap(long, 9)[0]).toBe('東京 東京')
  })
  test('of records is harmless', () => {
    expect(printableLine(' a\tb\n\u001b[2J\u0000c ')).toBe('a b \u{fffd}[2J\u{fffd}c')
  })
  test.each([
    ['postgres://me:hush@host/db', 'postgres://me:***@host/db'],
    ['mariadb://me:hu@sh:p@h1,h2/db?x=1', 'mariadb://me:***@h1,h2/db?x=1'],
    ['failed at "postgres://me:hush@host" now', 'failed at "postgres://me:***@host" now'],
    ['postgres://host/db?user=me&password=hush&x=1', 'postgres://host/db?user=me&password=***&x=1'],
    ['sqlite:./purser.db', 'sqlite:./purser.db'],
    ['mail me@example.org: 10:30', 'mail me@example.org: 10:30'],
  ])('shows %s as %s', (text, masked) => {
    expect(maskPasswords(text)).toBe(masked)
  })
})

describe('command lines to copy', () => {
  test('are quoted for a shell, without passwords', () => {
    const words = ['tasks', 'list', '--project', "it's here", '--url', 'postgres://me:hush@host/db', '']
    expect(commandLine({ program: 'purser' }, words)).toBe(
      "purser tasks list --project 'it'\\''s here' --url 'postgres://me:***@host/db' ''",
    )
  })
  test('replace a flag in any of its forms', () => {
    const typed = ['a', '--cursor', 'x', '--cursor=y', 'b']
    expect(withFlag(typed, '--cursor', '-z')).toEqual(['a', 'b', '--cursor=-z'])
  })
})

describe('tables', () => {
  const rows = [
    { id: 'a', title: 'a title that takes up rather a lot of room', extra: 'spare' },
    { id: 'id-that-stays-whole', title: 'short', extra: 'x' },
  ]
  const draw = (width: number) =>
    table(
      { width, paint },
      [
        { title: 'ID', value: (row) => row.id },
        { title: 'TITLE', value: (row) => row.title, shrinkTo: 6 },
        { title: 'EXTRA', value: (row) => row.extra, align: 'end', spare: 1 },
      ],
      rows,
    )
  test('take what they need when there is room', () => {
    expect(draw(Number.POSITIVE_INFINITY)).toEqual([
      'ID                   TITLE                                       EXTRA',
      'a                    a title that takes up rather a lot of room  spare',
      'id-that-stays-whole  short                                           x',
    ])
  })
  test('cut texts a little, then spare columns, then cut more', () => {
    expect(draw(60)[1]).toBe('a                    a title that takes up rather a…   spare')
    expect(draw(46)[1]).toBe('a                    a title that takes up ra…')
    expect(draw(30)[1]).toBe('a                    a title…')
  })
  test('run over rather than cut what must stay whole', () => {
    expect(draw(20)[2]).toBe('id-that-stays-whole  short')
    expect(draw(20)[1]).toBe('a                    a tit…')
  })
})

test('facts leave out what there is none of, and go on below themselves, at least 20 cells wide', () => {
  expect(
    facts({ width: 20, paint }, [
      ['One', '1'],
      ['Nothing', null],
      ['Longer', 'words that go on and on'],
    ]),
  ).toEqual(['  One     1', '  Longer  words that go on and', '          on'])
})

describe('progress', () => {
  const collect = (isTTY: boolean) => {
    const written: string[] = []
    return { written, output: { isTTY, columns: 60, write: (text: string) => written.push(text) > 0 } }
  }
  test('redraws one line on a terminal, and removes it', () => {
    const { written, output } = collect(true)
    const progress = createProgress(output, paint, false)
    progress.update(0.5, 'half of it')
    progress.clear()
    progress.clear()
    expect(written).toEqual([`\r\u001b[K${'█'.repeat(12)}${' '.repeat(12)}  half of it`, '\r\u001b[K'])
  })
  test('says nothing of a quick run elsewhere, nor with --quiet', () => {
    const { written, output } = collect(false)
    createProgress(output, paint, false).update(0.5, 'half of it')
    createProgress({ ...output, isTTY: true }, paint, true).update(0.5, 'half of it')
    expect(written).toEqual([])
  })
})
