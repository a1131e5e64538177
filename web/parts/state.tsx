// States, levels and priorities as words with a sign and a colour; the word and the sign suffice.

import type { PlanState } from '../../src/records/plans/enums.ts'
import type { TaskStatus } from '../../src/records/tasks/enums.ts'
import type { Approval, AuditEntry, BudgetStatus, Plan } from '../api/records.ts'
import { spaced } from './words.ts'

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'calm'

export function State({
  word,
  sign,
  tone,
}: {
  readonly word: string
  readonly sign: string
  readonly tone: Tone
}) {
  return (
    <span class="state" data-tone={tone}>
      <b aria-hidden="true">{sign}</b>
      {word}
    </span>
  )
}

const ofTasks: Readonly<Record<TaskStatus, readonly [sign: string, tone: Tone]>> = {
  created: ['○', 'calm'],
  assigned: ['◔', 'calm'],
  in_progress: ['◑', 'busy'],
  in_review: ['◕', 'busy'],
  completed: ['●', 'good'],
  blocked: ['■', 'warn'],
  failed: ['✗', 'bad'],
  interrupted: ['‖', 'warn'],
  auth_required: ['◇', 'warn'],
  suspended: ['‖', 'warn'],
  cancelled: ['⊘', 'calm'],
  rejected: ['⊘', 'calm'],
}

export function TaskState({ status }: { readonly status: TaskStatus }) {
  const [sign, tone] = ofTasks[status]
  return <State word={spaced(status)} sign={sign} tone={tone} />
}

export function signOfTask(status: TaskStatus): string {
  return ofTasks[status][0]
}

const ofPlans: Readonly<Record<PlanState, readonly [sign: string, tone: Tone]>> = {
  queued: ['○', 'calm'],
  processing: ['◑', 'busy'],
  complete: ['◕', 'busy'],
  errored: ['✗', 'bad'],
  cancelled: ['⊘', 'calm'],
  applied: ['●', 'good'],
  constrained: ['■', 'warn'],
}

export function PlanStateView({ plan }: { readonly plan: Pick<Plan, 'phase' | 'state'> }) {
  const [sign, tone] = ofPlans[plan.state]
  return (
    <span class="state" data-tone={tone}>
      <b aria-hidden="true">{sign}</b>
      <span>
        <span class="phase">{plan.phase}/</span>
        {plan.state}
      </span>
    </span>
  )
}

const ofApprovals: Readonly<Record<Approval['status'], readonly [sign: string, tone: Tone]>> = {
  pending: ['◷', 'warn'],
  approved: ['✓', 'good'],
  rejected: ['✗', 'bad'],
  expired: ['⊘', 'calm'],
  withdrawn: ['⊘', 'calm'],
}

export function ApprovalState({ status }: { readonly status: Approval['status'] }) {
  const [sign, tone] = ofApprovals[status]
  return <State word={status} sign={sign} tone={tone} />
}

const ofVerdicts: Readonly<Record<AuditEntry['verdict'], readonly [sign: string, tone: Tone]>> = {
  allow: ['✓', 'good'],
  deny: ['✗', 'bad'],
  escalate: ['↑', 'warn'],
  record: ['·', 'calm'],
}

export function Verdict({ verdict }: { readonly verdict: AuditEntry['verdict'] }) {
  const [sign, tone] = ofVerdicts[verdict]
  return <State word={verdict} sign={sign} tone={tone} />
}

export function toneOfVerdict(verdict: AuditEntry['verdict']): Tone {
  return ofVerdicts[verdict][1]
}

const ofRisks: Readonly<Record<AuditEntry['riskLevel'], readonly [sign: string, tone: Tone]>> = {
  low: ['▁', 'calm'],
  medium: ['▃', 'calm'],
  high: ['▅', 'warn'],
  critical: ['▇', 'bad'],
}

export function Risk({ level }: { readonly level: AuditEntry['riskLevel'] }) {
  const [sign, tone] = ofRisks[level]
  return <State word={`${level} risk`} sign={sign} tone={tone} />
}

const ofLevels: Readonly<Record<BudgetStatus['level'], readonly [sign: string, tone: Tone]>> = {
  within: ['✓', 'good'],
  warned: ['!', 'warn'],
  exceeded: ['✗', 'bad'],
}

export function BudgetLevelView({ level }: { readonly level: BudgetStatus['level'] }) {
  const [sign, tone] = ofLevels[level]
  return <State word={level} sign={sign} tone={tone} />
}
