// The tokens of full-text search. Indexing stores the `searchTokens` of a text, and searching looks
// for those of its query; the engines only store and compare them. So a search finds the same
// everywhere, independent of a database's language support.
//
// Text is normalized first (for the index only; storage keeps it as written): compatibility forms
// (NFKC), case, invisible characters. A word between spaces is one token. Scripts written without
// spaces, or that attach particles to words, are split into single characters and overlapping
// pairs: a dictionary (Intl.Segmenter) would split differently with every release of ICU, and an
// index kept for years would no longer match.

import { createHash } from 'node:crypto'

/**
 * Blocks of scripts that are searched by substrings. Their ranges are fixed, unlike the script
 * property of single characters.
 */
const partBlocks = [
  '\u0e00-\u109f', // Thai, Lao, Tibetan, Burmese
  '\u1100-\u11ff', // Hangul letters
  '\u1780-\u17ff', // Khmer
  '\u1950-\u19ff', // Tai Le, New Tai Lue
  '\u1a20-\u1aaf', // Tai Tham
  '\u1b00-\u1b7f', // Balinese
  '\u2e80-\ua4cf', // Chinese, Japanese, Bopomofo, Yi
  '\ua960-\ua97f', // Hangul letters
  '\ua980-\ua9ff', // Javanese, Burmese
  '\uaa60-\uaadf', // Burmese, Tai Viet
  '\uac00-\ud7ff', // Hangul syllables and letters
  '\uf900-\ufaff', // Chinese
  '\u{16fe0}-\u{18dff}', // Tangut, Khitan
  '\u{1aff0}-\u{1b2ff}', // Japanese, Nushu
  '\u{20000}-\u{3ffff}', // Chinese
].join('')

const words = /[\p{L}\p{N}\p{M}\p{Co}]+/gu
const anyPart = new RegExp(`[${partBlocks}]`, 'u')
const runs = new RegExp(`[${partBlocks}][${partBlocks}\\p{M}]*|[^${partBlocks}]+`, 'gu')
/**
 * Invisible characters, such as soft hyphens and variation selectors; not the zero-width space and
 * non-joiner, which separate.
 */
const invisible = /(?![\u200b\u200c])\p{Default_Ignorable_Code_Point}/gu
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const ascii = /^[\x00-\x7f]*$/

/** The longest word used as a token; a longer one is replaced by its hash. */
const LONGEST_WORD = 120
/** The most tokens that one query uses. */
const MAX_QUERY_TOKENS = 32

export interface SearchQuery {
  /** How many words, or runs of a script without spaces, the query has. */
  readonly words: number
  /** Every matching text has all of them. */
  readonly tokens: readonly string[]
  /**
   * Runs that tokens alone do not prove: a text matches if its `searchForm` contains each of them.
   */
  readonly runs: readonly string[]
}

/** The distinct tokens of a text. */
export function searchTokens(text: string): readonly string[] {
  const tokens = new Set<string>()
  for (const run of runsOf(text)) {
    if (!anyPart.test(run)) tokens.add(whole(run))
    else {
      const characters = [...run]
      for (const character of characters) tokens.add(character)
      for (const pair of pairs(characters)) tokens.add(pair)
    }
  }
  return [...tokens]
}

/** What to look up in the index, and what to check in the texts found. */
export function searchQuery(text: string): SearchQuery {
  const found = runsOf(text)
  const wanted = found.map((run) => {
    if (!anyPart.test(run)) return [whole(run)]
    const characters = [...run]
    return characters.length === 1 ? characters : pairs(characters)
  })
  // The first token of every run, then the second of every run, and so on: any of them reduces the
  // texts to check.
  const longest = Math.max(0, ...wanted.map(({ length }) => length))
  const tokens = new Set<string>()
  for (let index = 0; index < longest; index += 1) {
    for (const list of wanted) {
      const token = list[index]
      if (token !== undefined && (index === 0 || tokens.size < MAX_QUERY_TOKENS)) tokens.add(token)
    }
  }
  return {
    words: found.length,
    tokens: [...tokens],
    runs: [...new Set(found.filter((_, index) => (wanted[index]?.length ?? 0) > 1))],
  }
}

/**
 * The normal form of a text, the same for all its spellings. The four Latin letters i (I, İ, i, ı)
 * are treated as one: which is the uppercase of which depends on the language. Letters with and
 * without other marks differ.
 */
export function searchForm(text: string): string {
  if (ascii.test(text)) return text.toLowerCase()
  return text
    .normalize('NFKC')
    .replace(invisible, '')
    .replace(/\p{Changes_When_Casemapped}/gu, folded)
    .replaceAll('i\u0307', 'i')
    .normalize('NFC')
}

/**
 * Character by character: `Σ`, `σ` and `ς` are the same letter in any position, and `ß` stays one
 * character.
 */
function folded(character: string): string {
  if (character === 'İ' || character === 'ı') return 'i'
  const upper = character.toUpperCase()
  const lower = (upper.length === character.length ? upper : character).toLowerCase()
  return lower.length === character.length ? lower : character
}

/** Words, split where a script without spaces begins or ends. */
function runsOf(text: string): readonly string[] {
  const found = searchForm(text).match(words) ?? []
  return found.flatMap((word) => (anyPart.test(word) ? (word.match(runs) ?? []) : [word]))
}

function pairs(characters: readonly string[]): readonly string[] {
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`)
}

function whole(word: string): string {
  return word.length <= LONGEST_WORD ? word : createHash('sha256').update(word).digest('hex')
}
