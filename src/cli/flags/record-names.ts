// The names of a record: `cost_record`, `costRecords`, `cost-records`, `cost record`, `costs`. Each
// of them is accepted wherever a command line names a kind of record.

import { type RecordType, recordTypes } from '../../transfer/enums.ts'

/** Names that are shorter than the record's own. */
const short: Readonly<Record<string, RecordType>> = {
  cost: 'cost_record',
  rollup: 'cost_rollup',
  profile: 'automation_profile',
  audit: 'audit_entry',
  entry: 'audit_entry',
  cut: 'audit_cut',
}

/** The kind of record that a word names, in any form; undefined if it names none. */
export function recordNamed(word: string): RecordType | undefined {
  const plain = bare(word)
  const forms = [plain, plain.replace(/ies$/, 'y'), plain.replace(/s$/, '')]
  for (const form of forms) {
    const found =
      recordTypes.find((type) => bare(type) === form) ??
      (Object.hasOwn(short, form) ? short[form] : undefined)
    if (found !== undefined) return found
  }
  return undefined
}

/** A word without differences in spelling: case, spaces, hyphens, underscores. */
export function bare(word: string): string {
  return word.toLowerCase().replaceAll(/[\s_-]+/g, '')
}
