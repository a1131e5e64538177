// Inputs for decisions: the root of a plan, and a choice with every field set.

import type { NewDecision } from '../../index.ts'
import { ulid } from './samples.ts'

/** The root of a plan. */
export function newDecision(planId: string, changes: Partial<NewDecision> = {}): NewDecision {
  return {
    planId,
    type: 'prompt_definition',
    question: 'What is wanted?',
    chosenOption: 'A parser for plan files',
    ...changes,
  }
}

/** A choice with every field set that one in a plan alone can have. */
export function fullDecision(
  planId: string,
  parent: string,
  changes: Partial<NewDecision> = {},
): NewDecision {
  return newDecision(planId, {
    decisionId: ulid(4444),
    parentDecisionId: parent,
    type: 'strategy_choice',
    question: 'By hand,\nor generated?',
    chosenOption: 'By hand',
    alternatives: [
      { option: 'Generated', reason: 'The grammar is small' },
      { option: 'Bought', reason: null },
    ],
    confidence: 0.85,
    rationale: 'It is read more often than written: é',
    contextSnapshot: { files: ['src/parser.ts'], tokens: 12.5, open: null },
    influences: [parent],
    ...changes,
  })
}
