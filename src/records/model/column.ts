// One column of a record's table, and the field that it stores.

import type { StorageKind } from '../../engines/contract/engine.ts'
import type { AnyField } from './fields.ts'

export interface Column {
  readonly field: string
  /** The member's key, if the field is a group. */
  readonly member: string | undefined
  readonly name: string
  readonly kind: StorageKind
  readonly spec: AnyField['spec']
}
