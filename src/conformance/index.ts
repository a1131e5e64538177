// The conformance cases: what every engine must do. One list, neutral towards engines and test runners; an engine's author
// implements `ConformanceHarness` and runs every case (see harness.ts for how).

import type { ConformanceCase } from './case.ts'
import { lifecycleCases } from './lifecycle.ts'
import { lifecycleFailureCases } from './lifecycle-failures.ts'
import { sharingCases } from './sharing.ts'

export { type ConformanceCase, unmetNeeds } from './case.ts'
export type {
  Cell,
  ConformanceHarness,
  FaultyStore,
  HarnessFeatures,
  Need,
  Place,
  PlaceOptions,
  UnusableLocation,
} from './harness.ts'
export { type JobRequest, performJob } from './process-job.ts'

export const conformanceCases: readonly ConformanceCase[] = [
  ...lifecycleCases,
  ...lifecycleFailureCases,
  ...sharingCases,
]
