// How a decision is corrected, and how far that has come.

export const correctionModes = ['revert', 'append'] as const
export const correctionStates = ['pending', 'executing', 'completed', 'failed'] as const

export type CorrectionMode = (typeof correctionModes)[number]
export type CorrectionState = (typeof correctionStates)[number]
