// The enumerations of approvals.

export const approvalStatuses = ['pending', 'approved', 'rejected', 'expired', 'withdrawn'] as const
export type ApprovalStatus = (typeof approvalStatuses)[number]
