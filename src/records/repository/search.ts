// What a search asks for: a query that is checked, and the test of texts that have no index. Which texts a query finds is the same either
// way (search-tokens.ts).

import { InvalidRecordError } from '../../errors.ts'
import { parseOrThrow } from '../model/issues.ts'
import { textRule } from '../model/rules.ts'
import { type SearchQuery, searchForm, searchQuery, searchTokens } from './search-tokens.ts'

/** The most words one search may have. */
const MAX_WORDS = 32

/**
 * @param subject what takes the text, and where it stands there, for messages
 * @throws InvalidRecordError when the text has no word, or too many
 */
export function parseSearch(text: unknown, subject = 'search', path = 'text'): SearchQuery {
  const query = searchQuery(parseOrThrow(subject, textRule, text, [path]))
  if (query.words > 0 && query.words <= MAX_WORDS) return query
  const message = `must have 1 to ${MAX_WORDS} words`
  throw new InvalidRecordError(subject, [{ path: [path], code: 'words', message }])
}

/** The length of a hash that stands for a long word. */
const HASH_LENGTH = 64

/** Whether several texts have what a query asks for, each word in any of them: what an index of all of them would find. */
export function hasAll({ tokens, runs }: SearchQuery, texts: readonly string[]): boolean {
  const forms = texts.map(searchForm)
  const somewhere = (part: string) => forms.some((form) => form.includes(part))
  // Most texts are passed over here: a token that is no hash is a part of the form of its text.
  if (!runs.every(somewhere)) return false
  if (!tokens.every((token) => token.length === HASH_LENGTH || somewhere(token))) return false
  const found = new Set(texts.flatMap(searchTokens))
  return tokens.every((token) => found.has(token))
}
