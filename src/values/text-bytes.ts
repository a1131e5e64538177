// The text of a handwritten file: UTF-8, with or without a byte-order mark. The error names UTF-16,
// since editors write it without being asked.

/** The text of bytes of any origin; what is not UTF-8, or marked UTF-16, becomes `\u{fffd}`. */
export function decodeLossy(bytes: Uint8Array): string {
  const [first, second] = bytes
  const isLittle = first === 0xff && second === 0xfe
  const isBig = first === 0xfe && second === 0xff
  return new TextDecoder(isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8').decode(bytes)
}

/** @throws TypeError whose message says what the bytes are: `it is not UTF-8 text` */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new TypeError('it is UTF-16 text; save it as UTF-8')
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new TypeError('it is not UTF-8 text')
  }
}
