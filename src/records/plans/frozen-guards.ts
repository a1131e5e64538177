// The guards of the frozen profiles that concern a plan: its own, and those of the plans above it,
// whose limits count everything below them. And what is used of them.

import { MONEY_SCALE as UNIT } from '../../values/money.ts'
import type { AutomationProfile } from '../automation-profiles/profile.ts'
import { createCodec } from '../model/record-codec.ts'
import { inPlanTree } from '../repository/plan-tree.ts'
import type { RecordSession, Runner } from '../repository/session.ts'
import { padded } from '../repository/statements.ts'
import { planDefinition } from './definition.ts'

export type Guards = AutomationProfile['guards']

/** The most plans of one query. */
const CHUNK = 256
const { name: PROFILE } = planDefinition.columnOf('effectiveProfile')

/**
 * The guards of plans by their ids, without plans that have no profile; `unreadable` where the
 * profile cannot be read.
 */
export async function readGuards(
  session: RecordSession,
  runner: Pick<Runner, 'read'>,
  planIds: Iterable<string>,
): Promise<ReadonlyMap<string, Guards | 'unreadable'>> {
  const codec = createCodec(planDefinition, session.engine.codec, () => undefined)
  const found = new Map<string, Guards | 'unreadable'>()
  const ids = [...new Set(planIds)]
  for (let start = 0; start < ids.length; start += CHUNK) {
    const wanted = padded(ids.slice(start, start + CHUNK))
    const sql = `select plan_id, ${PROFILE} from plans where plan_id in (${wanted.map(() => '?').join(', ')}) and ${PROFILE} is not null`
    for (const [id, stored] of await runner.read(session.statements.raw(sql, sql, wanted))) {
      const profile = codec.decodeField('effectiveProfile', stored ?? null)
      const isReadable = typeof profile === 'object' && profile !== null
      found.set(String(id), isReadable ? (profile as AutomationProfile).guards : 'unreadable')
    }
  }
  return found
}

/** The tokens of the costs of a plan and everything below it, of every kind and currency. */
export async function tokensOfTree(
  { engine, statements }: RecordSession,
  runner: Pick<Runner, 'read'>,
  planId: string,
): Promise<bigint> {
  const { sql: isInside, parameters } = inPlanTree('member', planId, engine.matching).query
  const columns = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens']
  const { whole, rest } = engine.exactSums
  const sums = columns.map((column) => `${whole(column, UNIT)}, ${rest(column, UNIT)}`).join(', ')
  const sql = `select ${sums} from cost_totals where dimension = 'plan' and ${isInside}`
  const [row = []] = await runner.read(statements.raw(sql, sql, parameters))
  return row.reduce<bigint>((total, sum, place) => {
    const part = BigInt(String(sum ?? 0))
    return total + (place % 2 === 0 ? part * UNIT : part)
  }, 0n)
}
