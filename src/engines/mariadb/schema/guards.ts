// Guards (`GuardSpec`) as triggers. Each raises an error with its own name, within the 128
// characters of a message.

import type { GuardSpec } from '../../contract/schema.ts'
import { afterCut, newestCut } from '../../core/cut-conditions.ts'
import { quoteName, quoteText } from '../quoting.ts'

/** The trigger that rejects what a guard forbids, unless it exists. */
export function guardTrigger(guard: GuardSpec): string {
  return `CREATE TRIGGER IF NOT EXISTS ${quoteName(guard.name)} BEFORE ${guardEvent(guard)} ON ${quoteName(guard.table)} FOR EACH ROW ${guardBody(guard)}`
}

/** The kind of statement before which a guard's trigger runs. */
export function guardEvent({ refuses }: GuardSpec): 'UPDATE' | 'DELETE' | 'INSERT' {
  if (refuses === 'gap') return 'INSERT'
  return refuses === 'delete' ? 'DELETE' : 'UPDATE'
}

/**
 * What a guard's trigger runs for each row, as the server reports it. Messages end after 128
 * characters, the most the server takes.
 */
export function guardBody(guard: GuardSpec): string {
  const { condition, words } = rule(guard)
  const message = quoteText(`${guard.name}: ${words}`.slice(0, 128))
  const refusal = `SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = ${message}`
  return condition === null ? refusal : `BEGIN\n  IF ${condition} THEN\n    ${refusal};\n  END IF;\nEND`
}

function rule(guard: GuardSpec): { condition: string | null; words: string } {
  switch (guard.refuses) {
    case 'change': {
      const changes = guard.columns.map(quoteName).map((column) => `NOT (NEW.${column} <=> OLD.${column})`)
      return { condition: changes.join(' OR '), words: `frozen columns of ${guard.table} never change` }
    }
    case 'update':
      return { condition: null, words: `rows of ${guard.table} are never changed` }
    case 'delete':
      if (!guard.upTo) return { condition: null, words: `rows of ${guard.table} are never removed` }
      return {
        condition: `OLD.${quoteName(guard.upTo.number)} > ${newestCut(guard.upTo.cuts, quoteName)}`,
        words: `rows of ${guard.table} are removed only up to a cut`,
      }
    case 'gap':
      return { condition: isGap(guard), words: `the row is not the next of ${guard.table}` }
    default:
      return guard satisfies never
  }
}

/** The first row may have any link, since there is no row before it. */
function isGap(guard: GuardSpec & { readonly refuses: 'gap' }): string {
  const table = quoteName(guard.table)
  const [key, number, from, to] = [guard.key, guard.number, guard.link.from, guard.link.to].map(quoteName)
  const last = `(SELECT ${to} FROM ${table} ORDER BY ${number} DESC LIMIT 1)`
  const { next, link } = afterCut(guard, quoteName)
  return `NOT (NEW.${number} <=> (SELECT ${next} FROM ${table}))
    OR NOT (NEW.${from} <=> coalesce(${last}, ${link}NEW.${from}))
    OR EXISTS (SELECT 1 FROM ${table} WHERE ${key} = NEW.${key})`
}
