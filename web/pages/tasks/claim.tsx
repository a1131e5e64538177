// Claims the first ready task of a project for an agent, as the agent itself would.

import { useState } from 'preact/hooks'
import { change } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import { mayOperate, useSession } from '../../api/session.ts'
import { Confirm } from '../../parts/dialog.tsx'

export function ClaimButton({ project }: { readonly project: string }) {
  const session = useSession()
  const [isOpen, setOpen] = useState(false)
  if (!mayOperate(session)) return null
  const act = async (fields: FormData) => {
    const words = Object.fromEntries([...fields].filter(([, value]) => value !== ''))
    await change({ method: 'POST', path: '/tasks/claim', body: { ...words, limit: 1 } })
    await queries.invalidateQueries()
  }
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Claim…
      </button>
      {isOpen && (
        <Confirm
          title="Claim a task"
          button="Claim"
          done="The first ready task is claimed, if there was one"
          act={act}
          onClose={() => setOpen(false)}
        >
          <p>
            The first task that is ready goes to the agent, under a lease. Without a sign of life until its
            end, others may take it over.
          </p>
          <label>
            Agent
            <input name="agent" required autocomplete="off" />
          </label>
          <label>
            Project
            <input name="project" value={project} placeholder="any" autocomplete="off" />
          </label>
          <label>
            Lease
            <input name="lease" value="10m" required pattern="\d+(ms|s|m|h|d)" title="such as 90s, 10m, 2h" />
          </label>
        </Confirm>
      )}
    </>
  )
}
