// What one may do with a task: move it to a status that the table allows, assign it, give it back.

import { useState } from 'preact/hooks'
import type { TaskStatus } from '../../../src/records/tasks/enums.ts'
import { taskTransitions } from '../../../src/records/tasks/transitions.ts'
import { change } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { Task } from '../../api/records.ts'
import { mayOperate, useSession } from '../../api/session.ts'
import { Confirm } from '../../parts/dialog.tsx'
import { spaced } from '../../parts/words.ts'

type Action = { readonly to: TaskStatus } | 'assign' | 'release'

const danger = new Set<TaskStatus>(['cancelled', 'rejected', 'failed'])

export function TaskMoves({ task }: { readonly task: Task }) {
  const session = useSession()
  const [action, setAction] = useState<Action>()
  if (!mayOperate(session)) return null
  const next = taskTransitions[task.status]
  const isEnded = next.length === 0
  return (
    <>
      {task.claimId !== null && (
        <button type="button" onClick={() => setAction('release')}>
          Give back
        </button>
      )}
      {!isEnded && task.status !== 'created' && (
        <button type="button" onClick={() => setAction('assign')}>
          Assign…
        </button>
      )}
      {!isEnded && (
        <label class="move">
          <span class="hidden">Move to</span>
          <select
            value=""
            onChange={({ currentTarget }) => {
              const to = next.find((status) => status === currentTarget.value)
              currentTarget.value = ''
              if (to) setAction({ to })
            }}
          >
            <option value="">Move to…</option>
            {next.map((status) => (
              <option key={status} value={status}>
                {spaced(status)}
              </option>
            ))}
          </select>
        </label>
      )}
      {action !== undefined && <Do task={task} action={action} onClose={() => setAction(undefined)} />}
    </>
  )
}

interface DoProps {
  readonly task: Task
  readonly action: Action
  readonly onClose: () => void
}

function Do({ task: current, action, onClose }: DoProps) {
  // What was seen when the dialog was opened, whatever has changed since.
  const [task] = useState(current)
  const path = `/tasks/${encodeURIComponent(task.id)}`
  const { version } = task
  const finish = () => queries.invalidateQueries()
  if (action === 'release') {
    const act = async () => {
      await change({ method: 'POST', path: `${path}/release`, body: { claimId: task.claimId } })
      await finish()
    }
    return (
      <Confirm
        title={`Give back: ${task.title}`}
        button="Give back"
        done="The task is ready again"
        act={act}
        onClose={onClose}
      >
        <p>The claim of {task.assignedTo} ends, and the task is ready for anyone at once.</p>
      </Confirm>
    )
  }
  const agent = (
    <label>
      Agent
      <input name="assignedTo" required value={task.assignedTo ?? ''} autocomplete="off" />
    </label>
  )
  if (action === 'assign') {
    const act = async (fields: FormData) => {
      await change({
        method: 'PATCH',
        path,
        version,
        body: { assignedTo: fields.get('assignedTo') as string },
      })
      await finish()
    }
    return (
      <Confirm
        title={`Assign: ${task.title}`}
        button="Assign"
        done="The task is assigned"
        act={act}
        onClose={onClose}
      >
        {task.claimId !== null && <p>The present claim ends.</p>}
        {agent}
      </Confirm>
    )
  }
  const { to } = action
  const act = async (fields: FormData) => {
    const assignedTo = fields.get('assignedTo')
    const patch = assignedTo === null ? {} : { patch: { assignedTo: String(assignedTo) } }
    await change({ method: 'POST', path: `${path}/transition`, version, body: { status: to, ...patch } })
    await finish()
  }
  return (
    <Confirm
      title={`Move to ${spaced(to)}: ${task.title}`}
      button={`Move to ${spaced(to)}`}
      isDangerous={danger.has(to)}
      done={`The task is ${spaced(to)}`}
      act={act}
      onClose={onClose}
    >
      <p>
        It is {spaced(task.status)} now. The audit trail names you.
        {task.claimId !== null && ' The present claim ends.'}
      </p>
      {to === 'assigned' && agent}
    </Confirm>
  )
}
