// `purser plans create`: a new plan, a root with a name or a child of another. Omitted fields come
// from its action.

import type { TakenOverPlan } from '../../../index.ts'
import { planPhases, planStates } from '../../../records/plans/enums.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { checkNew } from '../../flags/check-fields.ts'
import { fieldsOf, text, time, under, word } from '../../flags/flags.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { printableLine } from '../../screen/text.ts'
import { givenPlanFields, planFields, planFieldsOf } from './fields.ts'
import { findPlan } from './find.ts'
import { painted } from './view.ts'

const place = under('Place:', {
  action: text('name', 'the action it is made from, or any name as a label; needed', { field: 'actionName' }),
  name: text('name', 'namespace/name of a root; needed without --parent', { field: 'name' }),
  parent: text('plan', 'the plan that it refines'),
  id: text('id', 'its id (default: a new ULID)', { field: 'planId' }),
  profile: text(
    'name',
    'its automation profile (default: that of its action, project, or the configuration)',
    {
      field: 'automationProfile',
    },
  ),
  projectProfile: text('name', "the automation profile of its project (default: the configuration's)"),
})

const past = under('Taken over from elsewhere:', {
  asOf: time('when it was as it is given; else it begins now, in action/queued', { field: 'asOf' }),
  phase: word(planPhases, 'the phase that it was in (default action)', { field: 'phase' }),
  state: word(planStates, 'the state that it was in (default queued)', { field: 'state' }),
  createdAt: time('when it was created (default: --as-of)', { field: 'createdAt' }),
})

const FROM_ACTION = 'as its action says'

export const createPlan = defineChange({
  name: 'create',
  summary: 'create a plan, as a root or below another',
  description:
    'Create a plan, as a root with a name or below another one. What is left out comes from the action of that name, where there is one. The automation profile that the plan gets is frozen on it.',
  flags: { ...place, ...planFields, ...past },
  examples: [
    [
      'a root',
      'plans create --name demo/tides-2 --action local/deliver --description "Tides for two more harbours" --profile cautious',
    ],
    [
      'a child with arguments, in the name of an agent',
      'plans create --parent demo/tide-service --action local/build --description "Draw the moon" --argument width=320 --project tide-web:web --actor pax',
    ],
  ],
  validate: ({ flags }) => {
    const { asOf: _, ...history } = fieldsOf(past, flags)
    const { automationProfile: __, ...placed } = fieldsOf(place, flags)
    // Its action may give the description.
    const fields = { description: FROM_ACTION, ...placed, ...givenPlanFields(flags), ...history }
    return checkNew(({ planDefinition }) => planDefinition, fields)
  },
  run: async (call) => {
    const { flags } = call
    const fields = await planFieldsOf(flags)
    return call.withStore('create', async (store) => {
      const parent = flags.parent === undefined ? undefined : await findPlan(store, flags.parent)
      const { asOf, ...history } = fieldsOf(past, flags)
      const input = {
        ...fieldsOf(place, flags),
        ...fields,
        ...history,
        ...(parent === undefined ? {} : { parentPlanId: parent.planId }),
      }
      const { projectProfile } = flags
      const { plans } = call.acting(store)
      const plan = await plans.create(input as unknown as TakenOverPlan, {
        projectProfile,
        asOf: asOf as Date,
      })
      const id = printableLine(plan.planId)
      const show = commandLine(call.screen, ['plans', 'show', plan.planId, ...sameDatabase(call.global)])
      const { name, provenance } = plan.automationProfile
      return {
        data: plan,
        show: (screen) =>
          screen.quiet
            ? id
            : [
                `Created plan ${screen.paint.bold(id)}, ${painted(screen.paint, plan)}, profile ${printableLine(name)} ${screen.paint.dim(`(${provenance})`)}`,
                `  ${screen.paint.dim(show)}`,
              ].join('\n'),
      }
    })
  },
})
