// A proxy before a database, so that a test can take the database away and give it back while the
// server at the other end stays as it is.

import { connect, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface TcpProxy {
  readonly port: number
  /** Ends every connection, and refuses new ones. */
  cut(): Promise<void>
  restore(): Promise<void>
}

/** @param target the port on this machine that it leads to */
export async function tcpProxy(target: number): Promise<TcpProxy> {
  const open = new Set<Socket>()
  let server: Server | undefined
  let port = 0
  const keep = (socket: Socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    // Either end may go away at any time.
    socket.on('error', () => socket.destroy())
  }
  const start = async () => {
    server = createServer((near) => {
      const far = connect(target, '127.0.0.1')
      for (const socket of [near, far]) keep(socket)
      near.pipe(far).pipe(near)
      near.on('close', () => far.destroy())
      far.on('close', () => near.destroy())
    })
    await new Promise<void>((resolve, reject) => {
      server?.once('error', reject)
      server?.listen(port, '127.0.0.1', resolve)
    })
    port = (server.address() as { port: number }).port
  }
  const cut = async () => {
    const closed = new Promise<void>((resolve) => server?.close(() => resolve()))
    for (const socket of open) socket.destroy()
    await closed
  }
  await start()
  onTestFinished(cut)
  return { port, cut, restore: start }
}
