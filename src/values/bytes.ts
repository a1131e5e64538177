// Bytes and their texts: hexadecimal, as databases and export files write them, and base64, as JSON
// holds them. Parsing is strict: every value has one text only.

/** Lower-case hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  return bufferOver(bytes).toString('hex')
}

/**
 * The bytes of hexadecimal digits; undefined if the text is anything else. No regular expression:
 * 32 million digits overflow the stack of one.
 */
export function bytesOfHex(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'hex')
  // Decoding ends at the first character that is no digit.
  return bytes.length * 2 === text.length ? new Uint8Array(bytes) : undefined
}

/** Base64 with padding, without line ends (RFC 4648, section 4). */
export function base64Of(bytes: Uint8Array): string {
  return bufferOver(bytes).toString('base64')
}

/** The bytes of a text that `base64Of` could have written; undefined for any other. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined
}

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
