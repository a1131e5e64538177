// Guards (`GuardSpec`) as triggers. Each raises an error with its own name, by which errors.ts
// recognises it.

import type { GuardSpec } from '../../contract/schema.ts'
import { afterCut, newestCut } from '../../core/cut-conditions.ts'
import { quoteName, quoteText } from '../quoting.ts'

/** The trigger that rejects what a guard forbids, with the guard's name in its message. */
export function guardTrigger(guard: GuardSpec): string {
  const { when, condition, words } = rule(guard)
  const only = condition === null ? '' : `\nWHEN ${condition}`
  return `CREATE TRIGGER ${quoteName(guard.name)} BEFORE ${when} ON ${quoteName(guard.table)}${only} BEGIN
  SELECT RAISE(ABORT, ${quoteText(`${guard.name}: ${words}`)});
END`
}

function rule(guard: GuardSpec): { when: string; condition: string | null; words: string } {
  switch (guard.refuses) {
    case 'change': {
      const columns = guard.columns.map(quoteName)
      return {
        when: `UPDATE OF ${columns.join(', ')}`,
        condition: columns.map((column) => `NEW.${column} IS NOT OLD.${column}`).join(' OR '),
        words: `${guard.columns.join(', ')} of a row of ${guard.table} never change`,
      }
    }
    case 'update':
      return { when: 'UPDATE', condition: null, words: `rows of ${guard.table} are never changed` }
    case 'delete':
      if (!guard.upTo)
        return { when: 'DELETE', condition: null, words: `rows of ${guard.table} are never removed` }
      return {
        when: 'DELETE',
        condition: `OLD.${quoteName(guard.upTo.number)} > ${newestCut(guard.upTo.cuts, quoteName)}`,
        words: `rows of ${guard.table} are removed only up to a cut`,
      }
    case 'gap':
      return { when: 'INSERT', condition: isGap(guard), words: `the row is not the next of ${guard.table}` }
    default:
      return guard satisfies never
  }
}

/**
 * The key and the number are checked here, because a replacing insert deletes the old row before
 * any constraint is checked. The first row may have any link, since there is no row before it.
 */
function isGap(guard: GuardSpec & { readonly refuses: 'gap' }): string {
  const table = quoteName(guard.table)
  const [key, number, from, to] = [guard.key, guard.number, guard.link.from, guard.link.to].map(quoteName)
  const last = `(SELECT ${to} FROM ${table} ORDER BY ${number} DESC LIMIT 1)`
  const { next, link } = afterCut(guard, quoteName)
  return `NEW.${number} IS NOT (SELECT ${next} FROM ${table})
  OR NEW.${from} IS NOT coalesce(${last}, ${link}NEW.${from})
  OR EXISTS (SELECT 1 FROM ${table} WHERE ${key} = NEW.${key})`
}
