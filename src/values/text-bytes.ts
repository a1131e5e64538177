// The text of a handwritten file: UTF-8, with or without a byte-order mark. The error names UTF-16,
// since editors write it without being asked.

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
