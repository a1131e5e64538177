// Results that are longer than the terminal go through the user's pager, as git's do. If there is
// none they are printed.

import { leaveInterruptsToPager } from '../run/interrupt.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface Terminal {
  readonly isTTY?: boolean
  readonly rows?: number
}

/**
 * Quits by itself if the text fits the terminal, passes colours through, and leaves the text on the
 * screen.
 */
const USUAL = 'less -FRX'

/** A shell's exit code if it could not run a command. */
const NOT_RUN: readonly (number | null)[] = [126, 127]

/** The pager for a text: a shell command; undefined if the text is to be printed. */
export function pagerFor(text: string, terminal: Terminal, environment: Environment): string | undefined {
  if (terminal.isTTY !== true) return undefined
  const lines = text.split('\n').length + 1
  if (terminal.rows && lines <= terminal.rows) return undefined
  const command = (environment.PURSER_PAGER ?? environment.PAGER ?? USUAL).trim()
  return command === '' || command === 'cat' ? undefined : command
}

/**
 * Runs the pager until the user quits it, which may be before the end of the text. False if it
 * cannot be run.
 */
export async function showInPager(command: string, text: string, environment: Environment): Promise<boolean> {
  const { spawn } = await import('node:child_process')
  const { LESS = 'FRX', LV = '-c' } = environment
  const release = leaveInterruptsToPager()
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      const pager = spawn(command, {
        shell: true,
        stdio: ['pipe', 'inherit', 'inherit'],
        env: { ...environment, LESS, LV },
      })
      pager.on('error', reject).on('close', resolve)
      // A user who has seen enough closes the pipe.
      pager.stdin.on('error', () => undefined)
      pager.stdin.end(`${text}\n`)
    })
    return !NOT_RUN.includes(code)
  } catch {
    return false
  } finally {
    release()
  }
}
