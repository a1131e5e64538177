// The name of a tenant, as a flag or an argument.

import { isTenantName, TENANT_NAME_FORM } from '../../values/tenant-name.ts'
import { UsageError } from '../run/failure.ts'

/** @throws UsageError for a name that no tenant can have */
export function readTenantName(text: string): string {
  if (isTenantName(text)) return text
  throw new UsageError(`must be ${TENANT_NAME_FORM}`)
}
