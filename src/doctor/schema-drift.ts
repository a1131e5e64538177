// Whether the live schema is the declared one. `purser drift` shows the differences.

import { findDrift, type SchemaDifference } from '../migrations/drift.ts'
import { latestVersion } from '../migrations/schema-state.ts'
import { type Check, counted, enumerate, failing, passing } from './check.ts'

export const driftCheck: Check = {
  name: 'schema drift',
  needsCurrentSchema: true,
  run: async ({ engine, state }) => {
    const version = await state.version()
    if (version > latestVersion) {
      const detail = `not compared: version ${version} is of a newer build, which knows its layout`
      return { status: 'warn', detail, count: 0, next: 'use the doctor of that build' }
    }
    const differences = await findDrift(engine, state)
    if (differences.length === 0) return passing('the schema is as declared')
    const what = counted(differences.length, 'difference')
    return failing(
      `${what} from the declared schema: ${enumerate(differences.map(place))}`,
      differences.length,
      'run purser drift to see each',
    )
  },
}

function place({ table, column, kind }: SchemaDifference): string {
  return `${kind} of ${column === undefined ? table : `${table}.${column}`}`
}
