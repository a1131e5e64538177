// The flags and arguments of a call that cannot be read. They are collected, so that one error
// names all of them, and with them what else is wrong with the call.

import { describeIssue, type FlagNames, type Issue, UsageError } from './failure.ts'

export interface Mistake {
  /** `--input-tokens must be …`. */
  readonly text: string
  /** The record's field that the flag fills. */
  readonly field: string | undefined
}

export type Mistakes = Pick<Mistake[], 'push' | 'map'>

/** Reads a value; one that cannot be read is undefined, and a mistake of the flag or argument. */
export function noteMistake<T>(
  mistakes: Mistakes,
  { name, field }: { readonly name: string; readonly field?: string | undefined },
  read: () => T,
): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    mistakes.push({ text: `${name} ${error.message}`, field })
    return undefined
  }
}

/**
 * The mistakes, and the issues of the other fields that `validate` finds.
 * @param validate throws an InvalidRecordError, a UsageError, or nothing
 */
export async function allMistakes(
  mistakes: readonly Mistake[],
  validate: () => Promise<void> | undefined,
  flags: FlagNames,
): Promise<string> {
  const fields = new Set(mistakes.map(({ field }) => field))
  const others = (await faultsOf(validate)).flatMap((fault) => {
    if (typeof fault === 'string') return [fault]
    const isNamed = fault.path.slice(0, 2).some((part) => fields.has(String(part)))
    return isNamed ? [] : [describeIssue(fault, flags)]
  })
  return [...mistakes.map(({ text }) => text), ...others].join('; ')
}

async function faultsOf(validate: () => Promise<void> | undefined): Promise<readonly (Issue | string)[]> {
  try {
    await validate()
    return []
  } catch (error) {
    if (error instanceof UsageError) return [error.message]
    if (error instanceof Error && 'issues' in error) return error.issues as readonly Issue[]
    throw error
  }
}
