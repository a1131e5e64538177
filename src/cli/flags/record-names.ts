// The names of a record: `cost_record`, `costRecords`, `cost-records`, `cost record`, `costs`. Each
// of them is accepted wherever a command line names a kind of record.

import { recordNames } from '../../records/names.ts'
import { type RecordType, recordTypes } from '../../transfer/enums.ts'

/** The name of a kind of record, and its shorter names. */
interface Named<T extends string> {
  readonly type: T
  readonly aliases: readonly string[]
}

/** Those of the registry, and the preserved values of migrations. */
const known: readonly Named<RecordType>[] = recordTypes.map(
  (type) => recordNames.find((one) => one.type === type) ?? { type, aliases: [] },
)

/** The kind of record that a word names, in any form; undefined if it names none. */
export function recordNamed(word: string): RecordType | undefined {
  return recordAmong(known, word)
}

/** The same for a list of kinds. */
export function recordAmong<T extends string>(names: readonly Named<T>[], word: string): T | undefined {
  const plain = bare(word)
  const forms = [plain, plain.replace(/ies$/, 'y'), plain.replace(/s$/, '')]
  for (const form of forms) {
    const found = names.find(({ type, aliases }) => bare(type) === form || aliases.includes(form))
    if (found !== undefined) return found.type
  }
  return undefined
}

/** A word without differences in spelling: case, spaces, hyphens, underscores. */
export function bare(word: string): string {
  return word.toLowerCase().replaceAll(/[\s_-]+/g, '')
}
