// What tables refuse (`GuardSpec`), as triggers. Each speaks under its own name and the SQLSTATE of a broken integrity, by which
// errors.ts can tell it from others. TRUNCATE passes over triggers of rows, so that it has one of its own.

import type { GuardSpec, MigrationStatement } from '../../contract/schema.ts'
import { afterCut, newestCut } from '../../core/cut-conditions.ts'
import { quoteName, quoteText } from '../quoting.ts'

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

/** The function takes its triggers with it. */
export function dropGuard({ name }: Pick<GuardSpec, 'name'>): readonly MigrationStatement[] {
  return [{ label: `lift the guard ${name}`, sql: `DROP FUNCTION ${quoteName(name)}() CASCADE` }]
}

interface Rule {
  readonly when: string
  /** On the trigger: the function is not even called where it does not hold. */
  readonly condition: string | null
  /** In the function: it may read the table. */
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

/** The first row may hold any link: there is nothing before it. Rows of the same statement that came before this one count. */
function isGap(guard: GuardSpec & { readonly refuses: 'gap' }): string {
  const table = quoteName(guard.table)
  const [key, number, from, to] = [guard.key, guard.number, guard.link.from, guard.link.to].map(quoteName)
  const last = `(SELECT ${to} FROM ${table} ORDER BY ${number} DESC LIMIT 1)`
  const { next, link } = afterCut(guard, quoteName)
  return `NEW.${number} IS DISTINCT FROM (SELECT ${next} FROM ${table})
    OR NEW.${from} IS DISTINCT FROM coalesce(${last}, ${link}NEW.${from})
    OR EXISTS (SELECT 1 FROM ${table} WHERE ${key} = NEW.${key})`
}
