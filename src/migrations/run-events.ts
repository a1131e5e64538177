// Publishes the events of one run of migrations. Tracks the current migration, so that a failed run
// can name it.

import type { ErrorCode } from '../errors.ts'
import { type EventPublisher, events } from '../observability/events.ts'

interface Finished {
  readonly version: number
  readonly name: string
  readonly durationMs: number
}

export class RunEvents {
  readonly #publisher: EventPublisher
  #underWay: number | undefined

  constructor(publisher: EventPublisher) {
    this.#publisher = publisher
  }

  started({ version, name }: Pick<Finished, 'version' | 'name'>, direction: 'up' | 'down'): void {
    this.#underWay = version
    this.#publisher.emit(events.migrationStarted, { version, name, direction })
  }

  applied({ version, name, durationMs }: Finished): void {
    this.#underWay = undefined
    this.#publisher.emit(events.migrationApplied, { version, name, durationMs })
  }

  reverted({ version, name, durationMs }: Finished): void {
    this.#underWay = undefined
    this.#publisher.emit(events.migrationReverted, { version, name, durationMs })
  }

  failed(code: ErrorCode): void {
    const version = this.#underWay
    this.#publisher.emit(events.migrationFailed, version === undefined ? { code } : { version, code })
  }
}
