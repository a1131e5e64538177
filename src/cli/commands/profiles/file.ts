// Reads a profile from a file or from standard input, as YAML or JSON.

import { readFile, stat } from 'node:fs/promises'
import { isOpenDatabase } from '../../../engines/core/open-files.ts'
import type { AutomationProfile } from '../../../index.ts'
import { decodeText } from '../../../values/text-bytes.ts'
import { required } from '../../run/command.ts'
import { CommandError } from '../../run/failure.ts'
import { textOrStdin } from '../../run/stdin.ts'

/** No profile is nearly this long; anything longer is a different kind of file. */
const MAX_BYTES = 1_048_576

export const fileArgument = { file: required('a YAML or JSON file with the profile; - for standard input') }

/**
 * @throws CommandError if the file cannot be read; InvalidRecordError with everything that is wrong
 * in it
 */
export async function readProfile(path: string): Promise<AutomationProfile> {
  const text = path === '-' ? ((await textOrStdin('the profile', '-')) ?? '') : await readText(path)
  const { parseAutomationProfile } = await import('../../../index.ts')
  return parseAutomationProfile(text)
}

async function readText(path: string): Promise<string> {
  if (isOpenDatabase(path)) throw unreadable(path, 'it is the database itself')
  try {
    const { size } = await stat(path)
    if (size > MAX_BYTES) throw unreadable(path, `it is larger than ${MAX_BYTES} bytes`)
    return decodeText(await readFile(path))
  } catch (error) {
    if (error instanceof CommandError) throw error
    if (error instanceof TypeError) throw unreadable(path, error.message)
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw unreadable(path, code === 'ENOENT' ? 'there is no such file' : code)
  }
}

function unreadable(path: string, why: string): CommandError {
  return new CommandError('FILE_UNREADABLE', `${path} cannot be read: ${why}`)
}
