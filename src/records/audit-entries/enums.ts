// The enumerations of audit entries.

export const auditVerdicts = ['allow', 'deny', 'escalate', 'record'] as const
export const riskLevels = ['low', 'medium', 'high', 'critical'] as const
