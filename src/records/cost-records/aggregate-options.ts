// What a caller may ask of totals, and the type of what follows from it.

import type { CostSums, CostTotal, ExactCount, LargeCounts } from './aggregate.ts'
import type { CostGrouping } from './enums.ts'

export interface AggregateOptions<
  G extends CostGrouping = CostGrouping,
  L extends LargeCounts = LargeCounts,
  C extends 'previous' | undefined = 'previous' | undefined,
> {
  readonly by?: readonly G[] | undefined
  /** Whose months, weeks, days and hours: a name of the IANA database. UTC by default. */
  readonly timeZone?: string | undefined
  readonly largeCounts?: L | undefined
  readonly compare?: C
  /** A pruned hour that a period of the time zone divides counts where it begins. */
  readonly wholeHours?: boolean | undefined
}

type CountOf<L extends LargeCounts> = L extends 'text' ? ExactCount : number

/** A total, with the sums of the range before if that was asked for. */
export type ComparedTotal<
  G extends CostGrouping,
  L extends LargeCounts,
  C extends 'previous' | undefined,
> = CostTotal<G, CountOf<L>> & (C extends 'previous' ? { readonly previous: CostSums<CountOf<L>> } : unknown)
