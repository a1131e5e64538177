// A server in a process of its own, whose memory can be asked for.

import { startChild } from '../child-process.ts'

export interface Served {
  readonly url: string
  readonly port: number
  /** Bytes, after a collection: of the process, and of what it uses of its heap. */
  memory(): Promise<{ readonly rss: number; readonly heapUsed: number }>
  /** What it wrote to standard error, once it has stopped. */
  stop(): Promise<string>
}

export async function served(database: string): Promise<Served> {
  const child = startChild('serve-store', [database])
  const port = Number((await child.line('port ')).split(' ')[1])
  let asked = 0
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    memory: async () => {
      asked += 1
      child.say(String(asked))
      const start = `memory ${asked} `
      return JSON.parse((await child.line(start)).slice(start.length))
    },
    stop: async () => {
      child.say('stop')
      return (await child.ended).errors
    },
  }
}
