// `purser plans update`: changes a plan's fields; only moves change its phase and state.

import type { PlanPatch } from '../../../index.ts'
import { defineChange, ifVersion } from '../../flags/actor-flag.ts'
import { checkPatch } from '../../flags/check-fields.ts'
import { clearFlag, patchOf } from '../../flags/clear-flag.ts'
import { fieldsOf, text, under } from '../../flags/flags.ts'
import { printableLine } from '../../screen/text.ts'
import { givenPlanFields, planFields, planFieldsOf } from './fields.ts'
import { findPlan, planArgument } from './find.ts'

const clearable = {
  'definition-of-done': ['definitionOfDone', null],
  projects: ['projects', []],
  arguments: ['arguments', []],
  invariants: ['invariants', []],
  metadata: ['metadata', {}],
  environment: ['executionEnvironment', null],
  'environment-priority': ['executionEnvPriority', null],
  changeset: ['changesetId', null],
  'decision-root': ['decisionRootId', null],
  checkpoint: ['lastCheckpointId', null],
  sandboxes: ['sandboxRefs', []],
  validation: ['validationSummary', null],
} as const

const own = under('What it is:', {
  name: text('name', 'namespace/name of a root', { field: 'name' }),
  clear: clearFlag(clearable),
})

export const updatePlan = defineChange({
  name: 'update',
  summary: 'change what a plan is: description, projects, roles and more',
  description:
    'Change what a plan is. Lists (projects, arguments, invariants) are replaced as a whole; of the roles, those that are not named stay, and an empty name (--role review=) takes one away. Phase and state are changed by the moves, the automation profile by nothing.',
  args: planArgument,
  flags: { ...own, ...planFields, ifVersion: ifVersion('plan') },
  examples: [
    ['another reviewer', 'plans update demo/tide-service --role review=june'],
    ['no definition of done', 'plans update demo/tide-service --clear definition-of-done'],
    ['a step of its work is done', 'plans update demo/tide-service --last-step 3 --if-version 4'],
  ],
  validate: ({ flags }) =>
    checkPatch(({ planDefinition }) => planDefinition, {
      ...fieldsOf(own, flags),
      ...givenPlanFields(flags),
    }),
  run: async (call) => {
    const { flags } = call
    const given = { ...fieldsOf(own, flags), ...(await planFieldsOf(flags)) }
    const patch = patchOf(given, flags.clear, clearable) as PlanPatch
    return call.withStore('existing', async (store) => {
      const before = await findPlan(store, call.args.plan)
      const base = { version: flags.ifVersion ?? before.version }
      const plan = await call.acting(store).plans.update(before.planId, patch, base)
      const fields = Object.keys(patch).join(', ')
      return {
        data: plan,
        show: (screen) =>
          screen.quiet
            ? ''
            : `Updated plan ${screen.paint.bold(printableLine(plan.planId))}, now at version ${plan.version} ${screen.paint.dim(`(${fields})`)}`,
      }
    })
  },
})
