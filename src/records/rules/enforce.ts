// The one place through which every rule goes: a call that breaks rules is refused, or goes through
// and is recorded as such, or overrides them by name. What came of it is part of the audit entry
// that the call writes with its change.

import { z } from 'zod'
import { InvalidRecordError, type PersistenceError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { type Enforcement, enforcements } from '../../values/enforcement.ts'
import type { AuditEvent } from '../audit-entries/trail.ts'
import { createCodec } from '../model/record-codec.ts'
import { bodyRule, type JsonObject } from '../model/rules.ts'
import type { RecordSession, Runner } from '../repository/session.ts'
import { settingDefinition } from '../settings/definition.ts'
import { ENFORCE_SETTING } from '../settings/own-settings.ts'
import { type RuleName, ruleGroups, ruleNames } from './enums.ts'

/** A rule that a call would break. */
export interface Violation {
  readonly rule: RuleName
  /** What is wrong, and what to do next; never the contents of a record. */
  readonly message: string
  /**
   * The error of a refusal.
   * @param refused everything that the call is refused for, of which this is the first
   */
  readonly error: (refused: readonly Violation[]) => PersistenceError
}

/** How a call breaks rules knowingly. */
export interface Overriding {
  /** The names of the rules that may be broken. The audit entry of the call has them. */
  readonly override?: readonly RuleName[] | undefined
  /** Why; needed with `override`. */
  readonly reason?: string | null | undefined
}

/** Rules of the options of a call that may override. */
export const overrideOptions = { override: z.array(z.enum(ruleNames)).min(1), reason: bodyRule }

/** What came of the rules of a call that goes through. */
export interface Ruling {
  /** The names that the call overrode, and the broken rules that they stand for. */
  readonly overridden: readonly RuleName[]
  /** Broken rules that this database records, and does not refuse. */
  readonly recorded: readonly Violation[]
}

export const nothingBroken: Ruling = { overridden: [], recorded: [] }

/**
 * Decides about a call that breaks one rule, or none.
 * @example
 * const ruling = await enforceRule(session, isTooLoose ? { rule: 'profile', message, error } : undefined, options)
 * const entry = trail.entry({ action: 'plan:create', …, ...auditOf(ruling, details) })
 */
export function enforceRule(
  session: RecordSession,
  violation: Violation | undefined,
  overriding: Overriding = {},
  runner?: Pick<Runner, 'read'>,
): Promise<Ruling> {
  return enforceRules(session, violation === undefined ? [] : [violation], overriding, runner)
}

/**
 * Decides about a call that breaks rules.
 * @param runner reads inside the transaction of the change
 * @throws the error of the first rule that is not overridden, if this database refuses;
 * InvalidRecordError for an override without a reason
 */
export async function enforceRules(
  session: RecordSession,
  violations: readonly Violation[],
  { override = [], reason }: Overriding = {},
  runner: Pick<Runner, 'read'> = session,
): Promise<Ruling> {
  if (override.length > 0 && (reason === undefined || reason === null)) {
    const message = 'is required with override: say why the rule may be broken'
    throw new InvalidRecordError('override', [{ path: ['reason'], code: 'required', message }])
  }
  if (violations.length === 0) return nothingBroken
  const names = [...new Set(violations.map(({ rule }) => rule))]
  const overridden = override.flatMap((name) => {
    const rules = [name, ...(ruleGroups[name] ?? [])].filter((rule) => names.includes(rule))
    return rules.length === 0 ? [] : [name, ...rules]
  })
  const broken = violations.filter(({ rule }) => !overridden.includes(rule))
  const [first] = broken
  if (first === undefined) return { overridden: [...new Set(overridden)], recorded: [] }
  if ((await enforcementOf(session, runner)) === 'record') {
    session.whenCommitted(() => {
      for (const rule of new Set(broken.map((one) => one.rule)))
        session.events.emit(events.ruleRecorded, { rule })
    })
    return { overridden: [...new Set(overridden)], recorded: broken }
  }
  for (const rule of new Set(broken.map((one) => one.rule))) session.events.emit(events.ruleRefused, { rule })
  throw first.error(broken)
}

/**
 * Whether this database refuses what breaks a rule: as the configuration says, else the setting
 * `purser/enforce`, else it does. An existing database gets the setting `record` when it is
 * migrated to the version that has settings.
 */
export async function enforcementOf(
  { engine, statements, policies, read }: RecordSession,
  runner: Pick<Runner, 'read'> = { read },
): Promise<Enforcement> {
  if (policies.enforce !== undefined) return policies.enforce
  const [row] = await runner.read(statements.rowsByKey(settingDefinition.shape, [ENFORCE_SETTING]))
  if (row === undefined) return 'refuse'
  const stored = row[settingDefinition.shape.columns.indexOf('value')] ?? null
  const value = createCodec(settingDefinition, engine.codec, () => undefined).decodeField('value', stored)
  return enforcements.find((one) => one === value) ?? 'refuse'
}

/**
 * What the audit entry of a call says about its rules, with the rest of its details: spread it into
 * the entry, after its own verdict and reason.
 */
export function auditOf(
  { overridden, recorded }: Ruling,
  event: Pick<AuditEvent, 'matchedRules' | 'details' | 'reason'> & Overriding = {},
): Pick<AuditEvent, 'verdict' | 'riskLevel' | 'matchedRules' | 'details'> {
  if (overridden.length === 0 && recorded.length === 0) return {}
  const matchedRules = [
    ...new Set([...(event.matchedRules ?? []), ...recorded.map(({ rule }) => rule), ...overridden]),
  ]
  const details = {
    ...((event.details ?? {}) as JsonObject),
    ...(recorded.length === 0 ? {} : { broken: recorded.map(({ rule, message }) => ({ rule, message })) }),
    ...(overridden.length === 0 ? {} : { overridden }),
  }
  const verdict = recorded.length > 0 ? 'escalate' : 'allow'
  return { verdict, riskLevel: 'medium', matchedRules, details }
}
