// The driver of PostgreSQL with calls that fail on demand: settings of a new connection, closing,
// or every statement. What fails gives an error with the server's own code, so that its
// classification is part of the test.

import pg from 'pg'
import type { Driver } from '../../../src/engines/postgres/driver.ts'

export type FaultPoint = 'setting' | 'close' | 'statements'

export class FailingDriver {
  failing: FaultPoint | undefined

  readonly load = async (): Promise<Driver> => {
    const isFailing = (point: FaultPoint) => this.failing === point
    class FailingClient extends pg.Client {
      // biome-ignore lint/suspicious/noExplicitAny: the driver's method has a dozen signatures
      override query(...given: any[]): any {
        const [what] = given as [string | { text: string }]
        const text = typeof what === 'string' ? what : what.text
        const isSetting = isFailing('setting') && text.includes('SET search_path')
        if (isSetting || isFailing('statements')) return Promise.reject(serverError('57P01'))
        return super.query(...(given as [string]))
      }

      override async end(): Promise<void> {
        await super.end()
        if (isFailing('close')) throw serverError('08006')
      }
    }
    return { Client: FailingClient as typeof pg.Client }
  }
}

/** As the driver gives what the server said. */
function serverError(code: string): Error {
  return Object.assign(new Error('secret words of the driver'), { code })
}
