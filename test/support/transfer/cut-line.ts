// A way to a server that can be cut: a port of this machine that passes everything on, until
// nothing answers there any more.

import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Line {
  /** The same URL, by way of the line. */
  readonly url: string
  /** Ends every connection, and refuses new ones. */
  cut(): void
  /** Lets connections through again. */
  mend(): void
  /** As `cut`, and nothing answers on the port any more. */
  end(): Promise<void>
}

export async function lineTo(url: string): Promise<Line> {
  const place = new URL(url)
  const port = Number(place.port || (place.protocol === 'postgres:' ? 5432 : 3306))
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(port, place.hostname)
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        open.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far)
    far.pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const end = async () => {
    for (const socket of open) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(end)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the line has no port')
  place.port = String(address.port)
  place.hostname = '127.0.0.1'
  return {
    url: place.href,
    cut: () => {
      isCut = true
      for (const socket of open) socket.destroy()
    },
    mend: () => {
      isCut = false
    },
    end,
  }
}
