// Search: a checked query, and the matching of texts that have no index. Both ways find the same
// texts (search-tokens.ts).

import { InvalidRecordError } from '../../errors.ts'
import { parseOrThrow } from '../model/issues.ts'
import { textRule } from '../model/rules.ts'
import { type SearchQuery, searchForm, searchQuery, searchTokens } from './search-tokens.ts'

/** The most words of one search. */
const MAX_WORDS = 32

/**
 * @param subject the method that takes the text, and the path of the text in its input, for
 * messages
 * @throws InvalidRecordError if the text has no word, or too many
 */
export function parseSearch(text: unknown, subject = 'search', path = 'text'): SearchQuery {
  const query = searchQuery(parseOrThrow(subject, textRule, text, [path]))
  if (query.words > 0 && query.words <= MAX_WORDS) return query
  const message = `must have 1 to ${MAX_WORDS} words`
  throw new InvalidRecordError(subject, [{ path: [path], code: 'words', message }])
}

/** The length of a hash that replaces a long word. */
const HASH_LENGTH = 64

/**
 * Whether several texts match a query, each word in any of them: what an index over all of them
 * would find.
 */
export function hasAll({ tokens, runs }: SearchQuery, texts: readonly string[]): boolean {
  const forms = texts.map(searchForm)
  const somewhere = (part: string) => forms.some((form) => form.includes(part))
  // Rejects most texts: a token that is not a hash is a substring of its text's normal form.
  if (!runs.every(somewhere)) return false
  if (!tokens.every((token) => token.length === HASH_LENGTH || somewhere(token))) return false
  const found = new Set(texts.flatMap(searchTokens))
  return tokens.every((token) => found.has(token))
}
