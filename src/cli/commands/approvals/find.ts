// Finds the approval that a command is about, by its id or a prefix of it.

import type { Approval, Store } from '../../../index.ts'
import { identify } from '../../flags/identify.ts'
import { required } from '../../run/command.ts'

/** The argument of commands about one approval. */
export const approvalArgument = { approval: required('the id of the approval, or the beginning of it') }

/** @throws CommandError if there is none; UsageError if several ids have the prefix */
export function findApproval(store: Pick<Store, 'approvals'>, id: string): Promise<Approval> {
  return identify(store.approvals, id, { noun: 'approval', list: 'purser approvals list' })
}
