// Interprets the profile column of the ancestor's plans, and writes a profile back. Several
// programs filled the column: with a JSON reference, a JSON string, a bare name, or nothing. Each
// distinct text is parsed once.

import type { MigrationStatement } from '../../engines/contract/schema.ts'
import type { AdoptionWriter } from '../expressions.ts'
import { provenances } from './layouts.ts'
import { isWord, profilesTable } from './scratch-tables.ts'

/** The profile of plans that name none, or whose profile cannot be read. */
export const UNNAMED = { name: 'balanced', provenance: 'global' } as const

/** Statements that read the profile that each plan carries. */
export function readProfiles(writer: AdoptionWriter): readonly MigrationStatement[] {
  const name = writer.jsonText('written', 'profile_name')
  const provenance = writer.jsonText('written', 'provenance')
  const quoted = writer.jsonString('written')
  const isReference = `${writer.isJsonObject('written')} AND NOT ${writer.isBlank(name)} AND ${isWord(writer, provenance, provenances)}`
  const isQuoted = `${quoted} IS NOT NULL AND NOT ${writer.isBlank(quoted)}`
  const meaning = (blank: string, bare: string, reference: string, string: string) =>
    `CASE WHEN ${writer.isBlank('written')} THEN ${blank} WHEN ${writer.isLabel('written')} THEN ${bare} WHEN ${isReference} THEN ${reference} WHEN ${isQuoted} THEN ${string} END`
  const global = writer.text(UNNAMED.provenance)
  return [
    ...writer.createTable(profilesTable),
    writer.run(
      'read the profiles',
      `INSERT INTO ${profilesTable.name} (written, name, provenance)
SELECT written, ${meaning(writer.text(UNNAMED.name), writer.trimmed('written'), name, quoted)}, ${meaning(global, global, provenance, global)}
FROM (SELECT DISTINCT automation_profile AS written FROM plans WHERE automation_profile IS NOT NULL) AS texts`,
    ),
    writer.run(
      'find profiles written in their plain form',
      `UPDATE ${profilesTable.name} SET plain = ${1} WHERE written = ${writtenProfile(writer, 'name', 'provenance')}`,
    ),
  ]
}

/**
 * The plain text for a profile: nothing for the usual one, a bare name for a global one, otherwise
 * a reference.
 */
export function writtenProfile(writer: AdoptionWriter, name: string, provenance: string): string {
  const isGlobal = `${provenance} = ${writer.text(UNNAMED.provenance)}`
  const reference = `${writer.text('{"profile_name": ')} || ${writer.jsonQuote(name)} || ${writer.text(', "provenance": "')} || ${provenance} || ${writer.text('"}')}`
  return `CASE WHEN ${isGlobal} AND ${name} = ${writer.text(UNNAMED.name)} THEN NULL WHEN ${isGlobal} AND ${writer.isLabel(name)} AND ${writer.trimmed(name)} = ${name} THEN ${name} ELSE ${reference} END`
}
