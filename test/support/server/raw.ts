// Bytes to a server, and what comes back: for requests that no client would send.

import { connect, type Socket } from 'node:net'

export interface Raw {
  readonly socket: Socket
  /** What came so far. */
  text(): string
  /** Resolves when the other end has closed the connection. */
  readonly closed: Promise<void>
}

export function raw(port: number): Raw {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1').on('data', (piece) => {
    text += piece
  })
  // The server may end it at any time; that is what is looked at.
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  return { socket, text: () => text, closed }
}

/** Sends it all, and reads until the server closes the connection. */
export async function exchange(port: number, bytes: string | Uint8Array): Promise<string> {
  const { socket, text, closed } = raw(port)
  socket.write(bytes)
  await closed
  return text()
}
