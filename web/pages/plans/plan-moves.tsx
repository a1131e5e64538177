// The moves that a plan can make from where it is, for those who may; each is confirmed.

import { useState } from 'preact/hooks'
import { movesFrom, type PlanMove } from '../../../src/records/plans/moves.ts'
import { change } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { Plan } from '../../api/records.ts'
import { mayOperate, useSession } from '../../api/session.ts'
import { Confirm } from '../../parts/dialog.tsx'
import { planTitle } from '../../parts/links.tsx'

const words: Readonly<Record<PlanMove, readonly [button: string, effect: string, done: string]>> = {
  use: ['Use', 'Its strategy is queued.', 'The plan is in use'],
  start: ['Start', 'Work on it begins.', 'The plan has started'],
  complete: ['Complete', 'What it is at counts as done.', 'The plan is complete'],
  advance: ['Advance', 'It goes to its next phase.', 'The plan has advanced'],
  constrain: ['Constrain', 'Its result counts as violating a constraint.', 'The plan is constrained'],
  fail: ['Fail', 'It counts as failed until it is retried, reverted or cancelled.', 'The plan has failed'],
  retry: ['Retry', 'It is queued again, as another attempt.', 'The plan is queued again'],
  redo: ['Redo', 'Its strategy is queued again, to be thought over.', 'The strategy is queued again'],
  revert: [
    'Revert',
    'It goes back to its strategy; the results of the execution are discarded, and the plans below cancelled.',
    'The plan is reverted',
  ],
  cancel: ['Cancel plan', 'It ends for good.', 'The plan is cancelled'],
}

/** Moves that say why. */
const reasons: Partial<Record<PlanMove, 'message' | 'reason'>> = {
  fail: 'message',
  redo: 'reason',
  revert: 'reason',
  cancel: 'reason',
}

export function PlanMoves({ plan }: { readonly plan: Plan }) {
  const session = useSession()
  const [move, setMove] = useState<PlanMove>()
  if (!mayOperate(session)) return null
  return (
    <>
      {movesFrom(plan).map(({ move: name }) => (
        <button
          key={name}
          type="button"
          class={name === 'cancel' || name === 'fail' ? 'danger' : ''}
          onClick={() => setMove(name)}
        >
          {words[name][0]}
        </button>
      ))}
      {move !== undefined && <Move plan={plan} move={move} onClose={() => setMove(undefined)} />}
    </>
  )
}

interface MoveProps {
  readonly plan: Plan
  readonly move: PlanMove
  readonly onClose: () => void
}

function Move({ plan, move, onClose }: MoveProps) {
  const [button, effect, done] = words[move]
  // What was seen when the dialog was opened, whatever has changed since.
  const [{ version }] = useState(plan)
  const reason = reasons[move]
  const endsTree = move === 'cancel' || (move === 'complete' && plan.phase === 'apply')
  const act = async (fields: FormData) => {
    const text = String(fields.get('reason') ?? '')
    const body = {
      ...(reason !== undefined && { [reason]: text }),
      ...(endsTree && fields.has('tree') && { tree: true }),
    }
    await change({
      method: 'POST',
      path: `/plans/${encodeURIComponent(plan.planId)}/${move}`,
      version,
      body,
    })
    await queries.invalidateQueries()
  }
  return (
    <Confirm
      title={`${button}: ${planTitle(plan)}`}
      button={button}
      isDangerous={move === 'cancel' || move === 'fail'}
      done={done}
      act={act}
      onClose={onClose}
    >
      <p>{effect} The audit trail names you.</p>
      {reason !== undefined && (
        <label>
          Why
          <textarea name="reason" required />
        </label>
      )}
      {endsTree && (
        <label class="check">
          <input type="checkbox" name="tree" />{' '}
          {move === 'cancel' ? 'With every live plan below it' : 'Cancel every live plan below it'}
        </label>
      )}
    </Confirm>
  )
}
