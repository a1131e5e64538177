// Guards (`GuardSpec`) as triggers. Each raises an error with its own name and the SQLSTATE of an
// integrity violation, by which errors.ts recognises it. TRUNCATE does not fire row triggers, so it
// has a separate trigger.

import type { GuardSpec, MigrationStatement } from '../../contract/schema.ts'
import { afterCut, newestCut } from '../../core/cut-conditions.ts'
import { quoteName, quoteText } from '../quoting.ts'

/**
 * The function and the trigger that reject what a guard forbids, with the guard's name as
 * constraint.
 */
export function createGuard(guard: GuardSpec): readonly MigrationStatement[] {
  const label = `guard ${guard.table}`
  const { when, condition, body, words } = rule(guard)
  const name = quoteName(guard.name)
  const refusal = `RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = ${quoteText(guard.name)}, MESSAGE = ${quoteText(`${guard.name}: ${words}`)};`
  const statements = [
    {
      label,
      sql: `CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $purser$
BEGIN
${body === null ? `  ${refusal}` : `  IF ${body} THEN\n    ${refusal}\n  END IF;\n  RETURN ${when === 'DELETE' ? 'OLD' : 'NEW'};`}
END $purser$`,
    },
    {
      label,
      sql: `CREATE TRIGGER ${name} BEFORE ${when} ON ${quoteName(guard.table)} FOR EACH ROW${condition === null ? '' : `\nWHEN (${condition})`} EXECUTE FUNCTION ${name}()`,
    },
  ]
  if (guard.refuses !== 'delete') return statements
  const sql = `CREATE TRIGGER ${quoteName(`${guard.name}_all`)} BEFORE TRUNCATE ON ${quoteName(guard.table)} FOR EACH STATEMENT EXECUTE FUNCTION ${name}()`
  return [...statements, { label, sql }]
}

/** Drops the function, which drops its triggers. */
export function dropGuard({ name }: Pick<GuardSpec, 'name'>): readonly MigrationStatement[] {
  return [{ label: `lift the guard ${name}`, sql: `DROP FUNCTION ${quoteName(name)}() CASCADE` }]
}

interface Rule {
  readonly when: string
  /** A condition of the trigger: if it is false, the function is not even called. */
  readonly condition: string | null
  /** A condition inside the function, which may read the table. */
  readonly body: string | null
  readonly words: string
}

function rule(guard: GuardSpec): Rule {
  switch (guard.refuses) {
    case 'change': {
      const columns = guard.columns.map(quoteName)
      return {
        when: 'UPDATE',
        condition: columns.map((column) => `NEW.${column} IS DISTINCT FROM OLD.${column}`).join(' OR '),
        body: null,
        words: `${guard.columns.join(', ')} of a row of ${guard.table} never change`,
      }
    }
    case 'update':
      return {
        when: 'UPDATE',
        condition: null,
        body: null,
        words: `rows of ${guard.table} are never changed`,
      }
    case 'delete': {
      const upTo = guard.upTo && `OLD.${quoteName(guard.upTo.number)}`
      return {
        when: 'DELETE',
        condition: null,
        // TRUNCATE has no old row.
        body: guard.upTo ? `${upTo} IS NULL OR ${upTo} > ${newestCut(guard.upTo.cuts, quoteName)}` : null,
        words: `rows of ${guard.table} are ${guard.upTo ? 'removed only up to a cut' : 'never removed'}`,
      }
    }
    case 'gap':
      return {
        when: 'INSERT',
        condition: null,
        body: isGap(guard),
        words: `the row is not the next of ${guard.table}`,
      }
    default:
      return guard satisfies never
  }
}

/**
 * The first row may have any link, since there is no row before it. Earlier rows of the same
 * statement count.
 */
function isGap(guard: GuardSpec & { readonly refuses: 'gap' }): string {
  const table = quoteName(guard.table)
  const [key, number, from, to] = [guard.key, guard.number, guard.link.from, guard.link.to].map(quoteName)
  const last = `(SELECT ${to} FROM ${table} ORDER BY ${number} DESC LIMIT 1)`
  const { next, link } = afterCut(guard, quoteName)
  return `NEW.${number} IS DISTINCT FROM (SELECT ${next} FROM ${table})
    OR NEW.${from} IS DISTINCT FROM coalesce(${last}, ${link}NEW.${from})
    OR EXISTS (SELECT 1 FROM ${table} WHERE ${key} = NEW.${key})`
}
