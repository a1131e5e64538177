// `purser plans …`

import type { Area } from '../../run/command.ts'
import { cancelPlan } from './cancel.ts'
import { createCheckpoint } from './checkpoints/create.ts'
import { checkpointsOfPlan } from './checkpoints/list.ts'
import { restoreCheckpoint } from './checkpoints/restore.ts'
import { explainPlan } from './checks/explain.ts'
import { preflightOfPlan } from './checks/preflight.ts'
import { costOfPlan } from './cost.ts'
import { createPlan } from './create.ts'
import { correctDecision } from './decisions/correct.ts'
import { decisionsOfPlan } from './decisions/show-decisions.ts'
import { deletePlan } from './delete.ts'
import { failPlan } from './fail.ts'
import { listPlans } from './list.ts'
import { advancePlan, completePlan, constrainPlan, retryPlan, startPlan, usePlan } from './moves.ts'
import { proceedWithPlan } from './proceed.ts'
import { redoPlan, revertPlan } from './revert.ts'
import { showPlan } from './show.ts'
import { stepsOfPlan } from './steps/list.ts'
import { recordStep } from './steps/record.ts'
import { resumePlan } from './steps/resume.ts'
import { treeOfPlans } from './tree.ts'
import { updatePlan } from './update.ts'

export const plans: Area = {
  name: 'plans',
  record: 'plan',
  summary: 'goals on their way: tree, list, show, create, and the moves through their phases',
  commands: [
    treeOfPlans,
    listPlans,
    showPlan,
    createPlan,
    updatePlan,
    usePlan,
    startPlan,
    completePlan,
    advancePlan,
    constrainPlan,
    failPlan,
    retryPlan,
    redoPlan,
    revertPlan,
    cancelPlan,
    proceedWithPlan,
    explainPlan,
    preflightOfPlan,
    decisionsOfPlan,
    correctDecision,
    createCheckpoint,
    checkpointsOfPlan,
    restoreCheckpoint,
    recordStep,
    stepsOfPlan,
    resumePlan,
    deletePlan,
    costOfPlan,
  ],
}
