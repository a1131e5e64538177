// The first and the last line of a file of records, and which versions of the format can be read
// (docs/export-format.md). record-line.ts handles the lines between them.

import { createHash, type Hash } from 'node:crypto'
import { LineError } from '../import/line-error.ts'
import type { Loss } from '../losses.ts'

export const FORMAT = 'purser-export'

/**
 * Incremented whenever the fields of a record change, so that this number alone determines what the
 * lines hold. Files of every earlier version remain readable: `upgrades` converts their lines.
 */
export const FORMAT_VERSION = 4

/** Converts a parsed line of a version to the next one. */
const upgrades: Readonly<Record<number, (line: unknown) => unknown>> = {
  1: (line) => withFields(line, addedIn2),
  2: (line) => withFields(line, addedIn3),
  3: (line) => withFields(line, addedIn4),
}

/** Fields that a version added to existing records, by type: what its absence meant before. */
type AddedFields = Readonly<Record<string, Readonly<Record<string, unknown>>>>

const addedIn2: AddedFields = {
  cost_record: {
    sessionId: null,
    biller: null,
    reasoningTokens: 0,
    cacheWrite1hTokens: 0,
    costStatus: 'reported',
    priceSource: null,
    source: null,
    reservationId: null,
  },
  cost_rollup: { sessionId: null, biller: null, costStatus: 'reported', source: null, unpriced: 0 },
}

const addedIn3: AddedFields = {
  task: { claimId: null, leaseExpiresAt: null, attempt: 0, availableAt: null, lastError: null },
}

const addedIn4: AddedFields = {
  action: {
    longDescription: null,
    arguments: [],
    invariants: [],
    reusable: true,
    readOnly: false,
    tags: [],
    createdBy: null,
  },
}

/** Anything that is no line of a record stays as it is, and is refused later. */
function withFields(line: unknown, added: AddedFields): unknown {
  if (!isObject(line) || typeof line.type !== 'string' || !isObject(line.record)) return line
  const fields = Object.hasOwn(added, line.type) ? added[line.type] : undefined
  return fields ? { ...line, record: { ...fields, ...line.record } } : line
}

/** A function that converts lines of a version to this one; undefined if they need no change. */
export function upgraderFrom(version: number): ((line: unknown) => unknown) | undefined {
  const steps = Array.from({ length: FORMAT_VERSION - version }, (_, index) => upgrades[version + index])
  if (steps.length === 0) return undefined
  return (line) => steps.reduce((current, step) => (step ? step(current) : current), line)
}

export interface Header {
  readonly type: 'header'
  readonly format: typeof FORMAT
  readonly formatVersion: number
  readonly schemaVersion: number
  readonly purserVersion: string
  readonly createdAt: string
  readonly engine: string
  /** The requested kinds, if not all. */
  readonly types?: readonly string[]
  /** Records could not be read and are missing, or not as they were; the trailer says which. */
  readonly partial?: boolean
}

/** What a partial file lacks. */
export interface PartialContent {
  /** How many losses there are; `losses` lists the first thousand. */
  readonly lost: number
  readonly losses: readonly Loss[]
}

/** The checksums that the record lines must match: each line counts with its line end. */
export interface Trailer {
  readonly type: 'trailer'
  readonly records: number
  readonly counts: Readonly<Record<string, number>>
  /** SHA-256 over the lines of each kind. */
  readonly checksums: Readonly<Record<string, string>>
  /** SHA-256 over all record lines. */
  readonly sha256: string
  /** What is not in the file; absent if nothing was lost. */
  readonly partial?: PartialContent
}

/** What this build can read. */
interface Known {
  readonly schemaVersion: number
  readonly purserVersion: string
}

/** @throws LineError if this build cannot read a file that begins with the line */
export function readHeader(line: unknown, known: Known): Header {
  if (!isObject(line) || line.type !== 'header' || line.format !== FORMAT) {
    throw new LineError(
      'is no header: the file was not written by "purser export", or its beginning is missing',
    )
  }
  const { formatVersion, schemaVersion, purserVersion } = line
  if (!isCount(formatVersion) || formatVersion < 1)
    throw new LineError('must be a whole number', ['formatVersion'])
  if (!isCount(schemaVersion) || schemaVersion < 1)
    throw new LineError('must be a whole number', ['schemaVersion'])
  const writer =
    typeof purserVersion === 'string' && /^[\w.+-]{1,40}$/.test(purserVersion) ? ` ${purserVersion}` : ''
  if (formatVersion > FORMAT_VERSION || schemaVersion > known.schemaVersion) {
    const what =
      formatVersion > FORMAT_VERSION
        ? `format ${formatVersion}, and this build reads up to ${FORMAT_VERSION}`
        : `version ${schemaVersion} of the schema, and this build knows up to ${known.schemaVersion}`
    throw new LineError(
      `says that a newer Purser${writer} wrote the file: it has ${what} (this is Purser ${known.purserVersion}); install that version or a later one`,
    )
  }
  return line as unknown as Header
}

/** @throws LineError */
export function readTrailer(line: Readonly<Record<string, unknown>>): Trailer {
  const { records, counts, sha256 } = line
  if (!isCount(records)) throw new LineError('must be a whole number', ['records'])
  if (!isObject(counts) || !Object.values(counts).every(isCount))
    throw new LineError('must be an object of whole numbers', ['counts'])
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
    throw new LineError('must be 64 hexadecimal digits', ['sha256'])
  if (line.partial !== undefined && !isPartial(line.partial))
    throw new LineError('must say how much is lost', ['partial'])
  return line as unknown as Trailer
}

/** Counts record lines and hashes them, in total and by kind. */
export class LineChecksums {
  readonly #counts = new Map<string, number>()
  readonly #hashes = new Map<string, Hash>()
  readonly #whole = createHash('sha256')

  constructor(types: readonly string[]) {
    for (const type of types) {
      this.#counts.set(type, 0)
      this.#hashes.set(type, createHash('sha256'))
    }
  }

  /** @param bytes whole lines with their line ends */
  add(type: string, lines: number, bytes: Uint8Array): void {
    this.#counts.set(type, (this.#counts.get(type) ?? 0) + lines)
    this.#hashes.get(type)?.update(bytes)
    this.#whole.update(bytes)
  }

  trailer(): Trailer {
    return {
      type: 'trailer',
      records: [...this.#counts.values()].reduce((sum, count) => sum + count, 0),
      counts: Object.fromEntries(this.#counts),
      checksums: Object.fromEntries([...this.#hashes].map(([type, hash]) => [type, hash.digest('hex')])),
      sha256: this.#whole.digest('hex'),
    }
  }
}

function isPartial(value: unknown): boolean {
  return isObject(value) && isCount(value.lost) && Array.isArray(value.losses) && value.losses.every(isObject)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
