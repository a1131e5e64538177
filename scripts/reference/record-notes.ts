// What the page of records says about each record besides what its definition has.

import { costGroupings } from '../../src/records/cost-records/enums.ts'
import { code } from './markdown.ts'

const TAKEN_OVER =
  'A record with a history elsewhere is taken over with `{ asOf }`: the input says what it was at that instant, which is not in the future, and may have any status, phase and state. `createdAt` is the earliest time that it names, else that instant; `updatedAt` is that instant; no time is after it, and none before `createdAt`. The audit entry says as of when, and in which status or state.'

/**
 * Rules over several fields and filters, by type. A record without an entry has none to explain.
 */
export const notesOf: Readonly<Record<string, readonly string[]>> = {
  approval: [
    'It is decided once: [approvals.md](approvals.md). The actor of the store is the one that asks (`requestedBy`) and the one that decides (`decidedBy`).',
    'In a filter, `status` is the status at this moment: a pending one past `expiresAt` is expired.',
    'Approvals of `plans.proceed` have the kind `plan:` and the step, the plan as their subject, and in `details` what was asked: `step`, `planVersion`, `move`, `from`, `confidence`, `threshold`.',
  ],
  decision: [
    'Decisions of a plan form a tree: [plan-records.md](plan-records.md). The root alone has no parent, and is a `prompt_definition`; a plan has one that is live, and its `decisionRootId` names it.',
    'Nothing changes a decision but what supersedes it; the database refuses the rest. In a filter, `live` is true or false: whether `supersededBy` is null.',
    'A parent, influences and spawned plans that are not there are a `ConstraintViolationError`; a parent or an influence that was superseded, a `DecisionSupersededError`.',
  ],
  correction: [
    '`decisions.correct` makes one and carries it out: [plan-records.md](plan-records.md#correct-one). `superseded` and `cancelledPlanIds` say what it did, `failure` why it did nothing.',
  ],
  plan_checkpoint: [
    'A point to which a plan can be put back: [plan-records.md](plan-records.md#checkpoints). `step`, `planPhase`, `planState`, `planAttempt` and `decisionSequence` are those of the plan when it was made; `step` can be given.',
    'Lists have everything but the state; `get` and `getMany` have it. An `alias` names one checkpoint of its plan.',
  ],
  plan_step: [
    '`plans.step` records it, and `plans.steps` has those of one plan in their own order: [plan-records.md](plan-records.md#steps). Moves that put a plan back delete those that no longer count.',
  ],
  agent: ['In a filter, `status` is the status at this moment. A beat changes `lastSeenAt` alone.'],
  parked_run: [
    'Lists have everything but the state; `get`, `getMany` and `resume` have it. The filter `resumed` is true or false.',
  ],
  plan: [
    'A plan without a parent is a root: it has a `name`, unique among roots, and is its own `rootPlanId`. A child has no name, and its parent’s root. A parent that does not exist is a `ConstraintViolationError`. A plan never changes its parent, so no cycle can arise.',
    'What `create` leaves out of `description`, `definitionOfDone` and `actors` comes from the action of that name. A name without an action is only a label; an archived action is refused.',
    'In `create`, `automationProfile` is the name of a profile. The level that names one first decides: the plan, its action, its projects (`projectProfile`, or their records, or `projectProfiles` of the configuration; of several the strictest combination), the plan above it, the configuration’s `automationProfile`; otherwise it is `balanced`. What an action or a project names counts below another plan only where it is stricter ([trees.md](trees.md)). The whole profile is frozen as `effectiveProfile`, and the database refuses to change it.',
    'Names of `projects` do not repeat, nor do their aliases, nor the names of `arguments`.',
    'In a filter, `name` may be a pattern (`*` any characters, `?` one), and `project` is the name of one of the plan’s projects.',
    'A plan begins in `action/queued`. Phase and state change by the moves below alone; what the moves set (`attempt`, `error`, `reversionCount`, `cancelReason`, the times) is given neither to `create` nor to `update`. A time is that of the last such move.',
    `${TAKEN_OVER} Of its times, those of the moves into its present phase and state are that instant where the input does not name them; the others stay null, because they are unknown.`,
    'What `update` may change, `create` may set: `lastCompletedStep`, `lastCheckpointId`, `changesetId`, `validationSummary` and the like are what callers keep on a plan in any phase. Moves clear some of them; none of them changes its phase or state.',
  ],
  token: ['[server.md](server.md#tokens) explains how tokens are made and sent. A name is used once.'],
  project: [
    'What plans take from it is explained in [trees.md](trees.md#projects).',
    '`automationProfile` names a profile, and `budget` a budget of the scope `project` with this target, that exist when the project is written.',
  ],
  action: [
    'What a plan’s `arguments` must be is explained in [trees.md](trees.md#arguments-of-an-action).',
    '`automationProfile` names a profile that exists when the action is written.',
    '`state` is a setting, not a history: `update` changes it both ways, and an action may be made archived.',
  ],
  task: [
    'While the status is `created`, `assignedTo` is null. While it is `assigned`, `in_progress`, `in_review`, `completed` or `auth_required`, `assignedTo` is set. In the other statuses either is right.',
    'A task is neither its own parent nor its own dependency, and its assignee is not in its `delegationChain`.',
    'In a filter, `title` is a pattern: `*` stands for any characters, `?` for one. `metadata` compares top-level keys, `{ metadata: { team: "red", size: [1, 2], closed: null } }`: by type and value, a list for any of them, null for a key that is null or not there; objects and lists in the metadata equal nothing. `search` asks for words of the title and the description, as `search` does. `metadata` and `search` have no index: they read every task that the other filters give, so narrow them by a project, a status or a time where there are many.',
    '`counts({ by, …filter })` groups by `status`, `priority`, `type`, `complexity`, `assignee`, `creator`, `project`, `plan` or `parent`, or by several: `counts({ by: ["status", "assignee"], project: "purser" })`.',
    '`planId` names a row of the plans table; a plan that does not exist is a `ConstraintViolationError`. `parentTaskId` and `dependencies` may name tasks that do not exist yet; an id in `dependencies` that names no task keeps the task waiting.',
    'Dependencies that form a cycle are refused (code `cycle`; `ids` has the cycle), whoever writes them at the same time.',
    '`claimId`, `leaseExpiresAt`, `attempt`, `availableAt` and `lastError` are set by the verbs of claims alone. A move by `transition` or `save`, and a change of `assignedTo`, end a claim; a move ends a delay.',
    'A task begins as `created`. After that, `transition` and `save` change its status where the table below allows the step; `update` never does. `claim` moves a ready task to `in_progress`; `complete`, `fail`, `release` and `recover` move it on from there, without the table.',
    `${TAKEN_OVER} \`save\` takes over a task that is not there; one that is there is changed now, as without \`asOf\`.`,
  ],
  cost_record: [
    'A cost above 0 with all token counts 0 is refused.',
    '`cost` is null exactly if `costStatus` is `unpriced`: a cost that is not known is never 0. `priceSource` is there exactly if the cost is `computed`. `reasoningTokens` are at most `outputTokens`, `cacheWrite1hTokens` at most `cacheWriteTokens`: they are parts of them.',
    'Tokens are counted once: `inputTokens` are those that were neither read from a cache nor written to one, and `outputTokens` include those of reasoning. A provider that reports a sum including cached tokens has them subtracted by whoever records the call.',
    'Every total has `unpriced` beside `cost`: how many of its records have no cost. If it is not 0, `cost` is the sum of the others only.',
    'An append that is repeated under its key without a cost is not compared in `cost`, `costStatus` and `priceSource`: the record may have been priced since.',
    'A record that names a task and leaves out `planId` or `project` takes them from the task, as it is when the record is written ([consistency.md](consistency.md#what-a-record-takes-from-its-task)). What it names itself stays; a task that is not there gives nothing, one without a plan its project alone. The plan that a record names gives no project: it may have several. A repeated append is not compared in what it left to the task.',
    'Totals have the range of money too. A record that would take the total of one hour, agent, task, plan, project, provider, model or category, or its sum of tokens, beyond 64 bits is refused (`ConstraintViolationError`), also by an import or a copy, which name the record. A server keeps a total in up to 16 rows, by connection: there each row has this bound, and sums beyond it are exact.',
    "Counts of a total (tokens of each kind, records) are exact up to 9,007,199,254,740,991, the most that one record may have. A total of which one is greater is refused (`InvalidRecordError`, whose issue names the count) and never rounded; with `largeCounts: 'text'` the count is a decimal string, as on the command line; groups that are small enough, such as its days, are given.",
    'A `reservationId` ends the reservation of that id, in the same transaction ([budgets.md](budgets.md)). The answer of an append has `budgets` besides the fields if the record reached a budget: each with its level (`warned`, `exceeded`), what is spent, and the share of its limit.',
    'With `tree: true`, the filter `planId` means the plan and everything below it.',
    `\`aggregate\` groups by any of ${costGroupings.map(code).join(', ')}, and by \`metadata.KEY\`, the value of a key of the metadata. The last four are periods of \`timeZone\`, UTC by default ([costs.md](costs.md)). Where one is among the groups, they are in the order of time; within one, and where there is none, the greatest cost comes first. The database keeps running totals in the transaction of each insert, so these do not read the records: the total of everything; the totals of one grouping; those of some agents, tasks, plans, projects, providers, models or categories. Any other total (of a time range, of two filters, of two groupings, by \`rootPlan\`) adds up the records that the filter finds.`,
  ],
  budget: [
    'Without `scope: "everything"` a budget names its `target`. A plan or a task must be there when the budget is written; projects, agents and models are names.',
    'A plan is counted with everything below it, also with plans that are created later.',
    'Periods begin and end by the clock of `timeZone`: a day has 23 or 25 hours when that is changed. A total has neither begin nor end.',
    'What is held and spent is explained in [budgets.md](budgets.md).',
  ],
  message: [
    '`from` may stand for `sender` in what `append` takes.',
    'A message that has no `parts` reads as one text part with its content.',
    'Keys of `metadata.extra` do not repeat.',
    'The filters `taskId` and `planId` are those of the metadata.',
    'A message whose metadata name a task and leave out `planId` or `projectId` takes them from the task, as it is when the message is written. What it names itself stays; a task that is not there gives nothing. With `idempotent`, what was left to the task is not compared.',
  ],
  audit_entry: [
    'The filter `action` is a whole action or, ending in `*`, the beginning of one: `plan:*`.',
    'An entry that names a task and no plan has the task’s plan, as it is when the entry is written. What the store writes about a task names its plan too, that of its deletion included.',
  ],
}
