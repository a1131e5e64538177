// The conformance cases: what every engine must do. One list, neutral towards engines and test runners; an engine's author
// implements `ConformanceHarness` and runs every case (see harness.ts for how).

import type { ConformanceCase } from './case.ts'
import { costRecordCases } from './cost-records.ts'
import { costTotalCases } from './cost-totals.ts'
import { damagedRowCases } from './damaged-rows.ts'
import { eventCases } from './events.ts'
import { lifecycleCases } from './lifecycle.ts'
import { lifecycleFailureCases } from './lifecycle-failures.ts'
import { messageSearchCases } from './message-search.ts'
import { messageCases } from './messages.ts'
import { pagingCases } from './paging.ts'
import { sharingCases } from './sharing.ts'
import { taskChangeCases } from './task-changes.ts'
import { taskCases } from './tasks.ts'
import { transactionPartCases } from './transaction-parts.ts'
import { transactionCases } from './transactions.ts'

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
  ...taskCases,
  ...taskChangeCases,
  ...damagedRowCases,
  ...pagingCases,
  ...costRecordCases,
  ...costTotalCases,
  ...messageCases,
  ...messageSearchCases,
  ...transactionCases,
  ...transactionPartCases,
  ...eventCases,
]
