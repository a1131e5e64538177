// The names that tenants may have, for the configuration and for whoever checks a name before there
// is one.

const form = /^[a-z][a-z0-9_]{0,30}$/

/** What a name must be, after "must be". */
export const TENANT_NAME_FORM = 'a small letter followed by at most 30 small letters, digits or underscores'

/** Whether the text can name a tenant on every engine. */
export function isTenantName(text: string): boolean {
  return form.test(text)
}
