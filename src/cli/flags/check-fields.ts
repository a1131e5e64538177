// Checks what the flags of a call would store, for calls of which some flags cannot be read: one
// error names everything that is wrong. What needs the database is checked by the call itself.

type Library = typeof import('../../index.ts')
type Definition = Pick<Library['taskDefinition'], 'parseNew' | 'parsePatch'>

/** Checks the fields of a new record. @throws InvalidRecordError */
export async function checkNew(
  choose: (library: Library) => Pick<Definition, 'parseNew'>,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  choose(await import('../../index.ts')).parseNew(fields)
}

/** Checks the fields that a change would set. @throws InvalidRecordError */
export async function checkPatch(
  choose: (library: Library) => Pick<Definition, 'parsePatch'>,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  choose(await import('../../index.ts')).parsePatch(fields)
}
