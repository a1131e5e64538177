// Record type names as used in export files and on the command line, in transfer order. It imports
// only names, so that help needs no library; a test checks them against the registered types.

import { storedTypes } from '../records/names.ts'

/** Those of the registry, and the preserved values of migrations. */
export const recordTypes = [...storedTypes, 'finding', 'original'] as const

export type RecordType = (typeof recordTypes)[number]

/** What an import does at a line that cannot be stored. */
export const errorPolicies = ['stop', 'skip'] as const
export type ErrorPolicy = (typeof errorPolicies)[number]
