// Inputs for what plans are made from: an action and a project with every field set.

import type { NewAction, NewProject } from '../../index.ts'
import { newAction } from './samples.ts'

const anyArgument = { required: false, default: null, min: null, max: null, pattern: null, position: null }

/** Every field has a distinct value that is not the default. */
export function fullAction(changes: Partial<NewAction> = {}): NewAction {
  return newAction({
    longDescription: 'For whoever chooses it',
    definitionOfDone: 'It is built',
    state: 'archived',
    arguments: [
      {
        name: 'target',
        description: 'What to build',
        type: 'string',
        required: true,
        default: null,
        min: 1,
        max: 20,
        pattern: '[a-z]+',
        position: 1,
      },
      { ...anyArgument, name: 'depth', type: 'integer', default: 3, min: 0, max: 9, position: 0 },
    ],
    invariants: [
      { text: 'Tests stay green', name: 'tests', nonOverridable: true },
      { text: 'No new warnings' },
    ],
    reusable: false,
    readOnly: true,
    tags: ['build', 'ci'],
    createdBy: 'template keeper',
    automationProfile: 'trusted',
    actors: {
      strategy: 'action strategist',
      execution: 'action builder',
      review: 'action reviewer',
      apply: 'action shipper',
      estimation: 'action estimator',
      invariant: 'action guardian',
    },
    metadata: { kind: 'template', tags: ['a', 'b'] },
    ...changes,
  })
}

/** Every field has a distinct value that is not the default; the budget would have to exist. */
export function fullProject(changes: Partial<NewProject> = {}): NewProject {
  return {
    name: 'parser',
    description: 'Reads what others write',
    automationProfile: 'cautious',
    invariants: [
      { text: 'The grammar stays LL(1)', name: 'grammar' },
      { text: 'No network', nonOverridable: true },
    ],
    executionEnvironment: 'container',
    executionEnvPriority: 'override',
    readOnly: true,
    metadata: { owner: 'ada' },
    ...changes,
  }
}
