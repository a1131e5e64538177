// Copies what callers pass, before anything is awaited: what they do to their objects afterwards changes nothing that is stored.
// Lists and plain objects are copied, as JSON has them: no accessors, no keys that are symbols, 0 for -0. Everything else stays as it
// is, for the rules to accept or refuse.

/** Deeper than any input may be, so that one without an end is left to the rules, which refuse it. */
const MAX_DEPTH = 80

export function copyInput<T>(input: T, depth = 0): T {
  if (input === 0) return 0 as T
  if (typeof input !== 'object' || input === null || depth > MAX_DEPTH) return input
  // A hole in a list becomes undefined, which the rules refuse.
  if (Array.isArray(input)) return Array.from(input, (item) => copyInput(item, depth + 1)) as T
  const prototype: unknown = Object.getPrototypeOf(input)
  if (prototype !== Object.prototype && prototype !== null) return input
  const entries = Object.entries(input).map(([key, value]) => [key, copyInput(value, depth + 1)])
  return Object.fromEntries(entries) as T
}
