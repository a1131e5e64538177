// The canonical form of a JSON value, after the JSON Canonicalization Scheme (RFC 8785,
// https://www.rfc-editor.org/rfc/rfc8785): no white space, keys in the order of their UTF-16 code
// units, numbers and strings as ECMAScript writes them.

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }
export type JsonObject = { readonly [key: string]: JsonValue }

/** @param value finite JSON with well-formed strings, as the rules of records guarantee */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = value as Readonly<Record<string, JsonValue>>
  // By default `sort` orders by UTF-16 code units, as the scheme requires.
  const keys = Object.keys(members).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(members[key] as JsonValue)}`).join(',')}}`
}
