// Asks before data is deleted or rewritten. Without a terminal it cannot ask: then --yes is
// required.

import { createInterface } from 'node:readline/promises'
import { CommandError, UsageError } from '../run/failure.ts'

/**
 * @param what a sentence about what would be done, without its full stop
 * @param shown lines about it, if there is a terminal to ask on
 * @throws UsageError without a terminal (nothing was done, --yes is what is missing); CommandError
 * if the answer is no
 */
export async function confirm(what: string, canAsk: boolean, shown = ''): Promise<void> {
  if (!canAsk || !process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError(`${what}; nothing was done: there is no terminal to ask on, so repeat with --yes`)
  }
  if (shown !== '') process.stderr.write(`${shown}\n\n`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // Ctrl-C at the question acts the same as anywhere else.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    const answer = await terminal.question(`${what}. Go on? [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('DECLINED', 'nothing was done')
  } finally {
    terminal.close()
  }
}
