// Every record definition, referenced ones first.

import { definitionsOf } from './entry.ts'
import { records } from './registry.ts'

export const definitions = definitionsOf(records)
