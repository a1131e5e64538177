// Asks a database for a sign of life, within a time, and never throws: what is wrong is part of the
// answer.

import type { Engine } from '../engines/contract/engine.ts'
import { TimeoutError } from '../errors.ts'
import type { Health } from './store.ts'

/** Milliseconds that a health check may take. */
const HEALTH_TIMEOUT = 2000

/** @param ask gives the version of the schema */
export async function checkHealth(
  engine: Pick<Engine, 'classify'>,
  ask: () => Promise<number>,
): Promise<Health> {
  const started = performance.now()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TimeoutError(`no answer within ${HEALTH_TIMEOUT} ms`)),
      HEALTH_TIMEOUT,
    )
  })
  try {
    const schemaVersion = await Promise.race([ask(), late])
    return { ok: true, latencyMs: performance.now() - started, schemaVersion }
  } catch (error) {
    const known = engine.classify(error)
    return { ok: false, latencyMs: performance.now() - started, schemaVersion: null, error: known.message }
  } finally {
    clearTimeout(timer)
  }
}
