// The secret of a token: how it is made, recognised and compared.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const FORM = /^(purser_[0-9a-f]{12})_[A-Za-z0-9_-]{43}$/

export interface Secret {
  /** The whole token: `purser_`, 12 digits that tell tokens apart, and 256 random bits. */
  readonly secret: string
  readonly prefix: string
  readonly secretHash: string
}

export function makeSecret(): Secret {
  const prefix = `purser_${randomBytes(6).toString('hex')}`
  const secret = `${prefix}_${randomBytes(32).toString('base64url')}`
  return { secret, prefix, secretHash: hashOf(secret).toString('hex') }
}

/** How a token begins; undefined for a text that is none. */
export function prefixOf(text: string): string | undefined {
  return FORM.exec(text)?.[1]
}

/** Takes the same time whether and wherever the two differ. */
export function isSecretOf(secret: string, secretHash: string): boolean {
  const stored = Buffer.from(secretHash, 'hex')
  const given = hashOf(secret)
  return stored.length === given.length && timingSafeEqual(stored, given)
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
