// A SQLite driver whose calls fail on demand: settings of a new connection, closing, or every
// statement. What fails gives the driver's own kind of error, so that its classification is part of
// the test.

import Database from 'better-sqlite3'
import type { OpenDriver } from '../../../src/engines/sqlite/driver.ts'

export type FaultPoint = 'setting' | 'close' | 'statements'

export class FailingDriver {
  #failing: FaultPoint | undefined

  fail(point: FaultPoint): void {
    this.#failing = point
  }

  heal(): void {
    this.#failing = undefined
  }

  readonly open: OpenDriver = (path, options) => {
    const handle = new Database(path, options)
    const pragma = handle.pragma.bind(handle)
    handle.pragma = (source, pragmaOptions) => {
      // The last setting that is made on every connection: the others have succeeded by then.
      if (source.startsWith('temp_store')) this.#refuse('setting', 'SQLITE_ERROR')
      return pragma(source, pragmaOptions)
    }
    const close = handle.close.bind(handle)
    handle.close = () => {
      const closed = close()
      this.#refuse('close')
      return closed
    }
    const prepare = handle.prepare.bind(handle)
    handle.prepare = ((source: string) => {
      const statement = prepare(source)
      const [all, run] = [statement.all.bind(statement), statement.run.bind(statement)]
      statement.all = (...parameters: unknown[]) => {
        this.#refuse('statements')
        return all(...parameters)
      }
      statement.run = (...parameters: unknown[]) => {
        this.#refuse('statements')
        return run(...parameters)
      }
      return statement
    }) as typeof handle.prepare
    return handle
  }

  #refuse(point: FaultPoint, code = 'SQLITE_IOERR'): void {
    if (this.#failing === point) throw new Database.SqliteError('the disk was pulled out', code)
  }
}
