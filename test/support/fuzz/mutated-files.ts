// An export file made wrong in one or several ways.

import { gzipSync } from 'node:zlib'
import type { Random } from '../loss/random.ts'
import { sealed } from '../transfer/files.ts'
import { MARK } from './hostile.ts'

export interface Mutated {
  readonly name: string
  readonly file: string | Uint8Array
  /** Sums and counts fit what is in it. */
  readonly isSealed: boolean
}

const text = (lines: readonly string[]) => `${lines.join('\n')}\n`

/** JSON that no export has in these places. */
const values: readonly ((random: Random) => string)[] = [
  () => 'null',
  () => 'true',
  () => '""',
  () => '{}',
  () => '[]',
  (random) =>
    random.pick(['-0', '1e400', '-1e400', '1e21', '9007199254740993', '0.1', '1E-400', '2147483648']),
  () => `"${MARK}"`,
  () => `"${MARK}\\u0000"`,
  () => `"\\ud800${MARK}"`,
  () => `"${MARK.repeat(100)}"`,
  () => `"${'é'.repeat(600_000)}${MARK}"`,
  () => `["${MARK}"]`,
  () => `{"${MARK.slice(0, 3)}":"${MARK}"}`,
  () => `{"__proto__":{"polluted":"${MARK}"},"constructor":{"prototype":{"polluted":1}}}`,
  () => `{"a":1,"a":"${MARK}"}`,
  (random) => '['.repeat(random.pick([70, 5000, 300_000])),
  (random) => {
    const depth = random.pick([60, 70, 5000, 100_000])
    return `${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`
  },
  (random) =>
    `"${random.pick(['2026-02-30T00:00:00Z', '0000-01-01T00:00:00Z', '2026-01-01', '+275760-09-13T00:00:00Z'])}"`,
  (random) =>
    random.pick(['NaN', 'Infinity', 'undefined', "'x'", '01', '.5', '1.', '+1', '0x10', '// x', '\ufeff1']),
]

/** Where values stand in a line of JSON, as pieces of its text. */
const valuePattern = /"(?:[^"\\]|\\.)*"(?!\s*:)|-?\d+(?:\.\d+)?|true|false|null|\{\}|\[\]/g

function withValue(line: string, random: Random): string {
  const found = [...line.matchAll(valuePattern)]
  if (found.length === 0) return line
  const { index, 0: old } = random.pick(found)
  return line.slice(0, index) + random.pick(values)(random) + line.slice(index + old.length)
}

const keyPattern = /"(\w+)":/g

function withKey(line: string, random: Random): string {
  const found = [...line.matchAll(keyPattern)]
  if (found.length === 0) return line
  const { index, 0: old } = random.pick(found)
  const name = random.pick([
    '__proto__',
    'constructor',
    'toString',
    'type',
    'record',
    'id',
    MARK.slice(0, 3),
    '',
    'a'.repeat(5000),
  ])
  return random.chance(0.5)
    ? `${line.slice(0, index)}"${name}":${line.slice(index + old.length)}`
    : `${line.slice(0, index)}"${name}":${random.pick(values)(random)},${line.slice(index)}`
}

function at<T>(list: readonly T[], random: Random): number {
  return random.whole(0, list.length - 1)
}

type Lines = readonly string[]
const edits: Readonly<Record<string, (lines: Lines, random: Random) => Lines>> = {
  'a line removed': (lines, random) => lines.toSpliced(at(lines, random), 1),
  'a line twice': (lines, random) => lines.toSpliced(at(lines, random), 0, lines[at(lines, random)] ?? ''),
  'lines swapped': (lines, random) => {
    const [one, other] = [at(lines, random), at(lines, random)]
    return lines.with(one, lines[other] ?? '').with(other, lines[one] ?? '')
  },
  'lines shuffled': (lines, random) => [...lines].sort(() => random.next() - 0.5),
  'another value': (lines, random) => changed(lines, random, withValue),
  'another key': (lines, random) => changed(lines, random, withKey),
  'a line cut': (lines, random) =>
    changed(lines, random, (line) => line.slice(0, random.whole(0, line.length))),
  'two lines in one': (lines, random) => {
    const index = Math.min(at(lines, random), lines.length - 2)
    return lines.toSpliced(index, 2, `${lines[index]}${random.pick(['', ' ', ','])}${lines[index + 1]}`)
  },
  'a line of something else': (lines, random) =>
    lines.toSpliced(
      at(lines, random),
      0,
      random.pick([
        ...values.map((value) => value(random)),
        '',
        ' ',
        '{"type":"header"}',
        '{"type":"trailer"}',
        '{"type":"__proto__","record":{}}',
      ]),
    ),
}

function changed(lines: Lines, random: Random, change: (line: string, random: Random) => string): Lines {
  const index = at(lines, random)
  return lines.with(index, change(lines[index] ?? '', random))
}

const bytes: Readonly<Record<string, (file: Buffer, random: Random) => Buffer>> = {
  'a bit turned': (file, random) => {
    const copy = Buffer.from(file)
    const index = random.whole(0, copy.length - 1)
    copy[index] = (copy[index] ?? 0) ^ (1 << random.whole(0, 7))
    return copy
  },
  'bytes overwritten': (file, random) => {
    const copy = Buffer.from(file)
    const start = random.whole(0, copy.length - 1)
    copy.fill(random.whole(0, 255), start, Math.min(copy.length, start + random.whole(1, 64)))
    return copy
  },
  'cut off': (file, random) => file.subarray(0, random.whole(0, file.length - 1)),
  'without its beginning': (file, random) => file.subarray(random.whole(1, file.length)),
  'a piece missing': (file, random) => {
    const start = random.whole(0, file.length - 1)
    return Buffer.concat([file.subarray(0, start), file.subarray(start + random.whole(1, 500))])
  },
  'joined to itself': (file) => Buffer.concat([file, file]),
  'something behind it': (file, random) =>
    Buffer.concat([file, Buffer.from(random.pick(['\0', '{}\n', '\n\n', '\x1f\x8b', MARK]))]),
  'a mark before it': (file, random) =>
    Buffer.concat([Buffer.from(random.pick(['efbbbf', 'fffe', 'feff', '00', '1f8b']), 'hex'), file]),
  'of CRLF': (file) => Buffer.from(file.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
  'of UTF-16': (file) => Buffer.from(file.toString(), 'utf16le'),
}

const pickName = <T>(of: Readonly<Record<string, T>>, random: Random) => random.pick(Object.entries(of))

/** @param lines of the export, with header and trailer */
export function mutated(lines: Lines, random: Random): Mutated {
  if (random.chance(0.35)) {
    const isPacked = random.chance(0.4)
    const whole = Buffer.from(text(lines))
    const [name, change] = pickName(bytes, random)
    return {
      name: `${name}${isPacked ? ', compressed' : ''}`,
      file: change(isPacked ? gzipSync(whole) : whole, random),
      isSealed: false,
    }
  }
  const isSealed = random.chance(0.5)
  const names: string[] = []
  let edited: Lines = isSealed ? lines.slice(1, -1) : lines
  for (let count = random.pick([1, 1, 1, 2, 4]); count > 0; count -= 1) {
    const [name, edit] = pickName(edits, random)
    names.push(name)
    edited = edit(edited, random)
  }
  const header = random.chance(0.1) ? withValue(lines[0] ?? '', random) : (lines[0] ?? '')
  const file = isSealed ? sealed(header, edited) : text(edited)
  const isPacked = random.chance(0.2)
  return {
    name: `${names.join(', ')}${isSealed ? ', sealed anew' : ''}`,
    file: isPacked ? gzipSync(file) : file,
    isSealed,
  }
}
