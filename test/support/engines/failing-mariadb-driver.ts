// The driver of MariaDB with calls that fail on demand: settings of a new connection, closing, or
// every statement. What fails gives an error with the server's own number, so that its
// classification is part of the test.

import type { Connection as Handle } from 'mysql2'
import { type OpenDriver, openDriver } from '../../../src/engines/mariadb/driver.ts'

export type FaultPoint = 'setting' | 'close' | 'statements'

type Done = (error: Error | null, result?: unknown) => void

export class FailingMariadbDriver {
  failing: FaultPoint | undefined
  /** Told of every statement before it runs; what it throws is the statement's error. */
  watch: ((sql: string, handle: Handle) => void) | undefined

  readonly open: OpenDriver = async (options) => {
    const handle = await openDriver(options)
    for (const method of ['query', 'execute'] as const) {
      // biome-ignore lint/suspicious/noExplicitAny: the driver's methods have a dozen signatures
      const original = (handle[method] as any).bind(handle)
      // biome-ignore lint/suspicious/noExplicitAny: see above
      handle[method] = ((...given: any[]) => {
        const [{ sql }] = given as [{ sql: string }]
        const done = given.at(-1) as Done
        const isSetting = this.failing === 'setting' && sql.startsWith('SET NAMES')
        if (isSetting || this.failing === 'statements') {
          setImmediate(() => done(serverError(1053)))
          return undefined
        }
        try {
          this.watch?.(sql, handle)
        } catch (error) {
          setImmediate(() => done(error as Error))
          return undefined
        }
        return original(...given)
      }) as never
    }
    const end = handle.end.bind(handle)
    handle.end = ((done: Done) => {
      end((error) => done(this.failing === 'close' ? serverError(1152) : (error ?? null)))
    }) as never
    return handle
  }
}

/** As the driver gives what the server said. */
export function serverError(errno: number): Error {
  return Object.assign(new Error('secret words of the driver'), {
    errno,
    sqlState: 'HY000',
    code: 'ER_NAMED',
  })
}
