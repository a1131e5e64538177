// Recomputes the chain in ranges, so that its progress can be seen and it can be stopped; shows the
// head to keep elsewhere, or the first entry that is not as it was written.

import { useRef, useState } from 'preact/hooks'
import { get } from '../../api/client.ts'
import { Problem } from '../../api/problem.ts'
import { useRead } from '../../api/queries.ts'
import type { AuditVerification } from '../../api/records.ts'
import { Failure, Panel } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { Time } from '../../parts/time.tsx'
import { count, percent } from '../../parts/words.ts'

interface Head {
  readonly sequence: number
  readonly hash: string
}

/** Entries of one request. */
const RANGE = 5_000

type Progress =
  | { readonly kind: 'running'; readonly done: number; readonly of: number }
  | {
      readonly kind: 'done'
      readonly result: AuditVerification
      readonly checked: number
      readonly at: string
    }
  | { readonly kind: 'failed'; readonly problem: Problem }

export function Verify() {
  const head = useRead<Head | null>('/audit/head', { records: ['audit_entry'] })
  const [progress, setProgress] = useState<Progress>()
  const stop = useRef<AbortController | undefined>(undefined)
  const run = async () => {
    stop.current = new AbortController()
    try {
      setProgress(await verify(stop.current.signal, (done, of) => setProgress({ kind: 'running', done, of })))
    } catch (error) {
      setProgress(error instanceof Problem ? { kind: 'failed', problem: error } : undefined)
    }
  }
  return (
    <Panel
      title="Is it as it was written?"
      beside={
        progress?.kind === 'running' ? (
          <button type="button" onClick={() => stop.current?.abort()}>
            Stop
          </button>
        ) : (
          <button type="button" class="primary" onClick={() => void run()}>
            Verify
          </button>
        )
      }
    >
      <div class="body stack">
        {progress === undefined && (
          <p class="muted">
            Each entry has a hash over its content and the entry before it. Verifying recomputes all of them,
            and finds every entry that was changed, removed or inserted.
          </p>
        )}
        {progress?.kind === 'running' && (
          <div role="status">
            <progress value={progress.done} max={Math.max(progress.of, 1)} aria-label="Verified" />{' '}
            {count(progress.done)} of {count(progress.of)},{' '}
            {percent(progress.of === 0 ? 1 : progress.done / progress.of)}
          </div>
        )}
        {progress?.kind === 'done' && <Outcome {...progress} />}
        {progress?.kind === 'failed' && <Failure problem={progress.problem} again={() => void run()} />}
        {head.data && (
          <dl class="facts">
            <dt>Entries up to</dt>
            <dd>{count(head.data.sequence)}</dd>
            <dt>Head to keep</dt>
            <dd class="hash">
              {head.data.sequence}:{head.data.hash}
            </dd>
          </dl>
        )}
      </div>
    </Panel>
  )
}

function Outcome({ result, checked, at }: Extract<Progress, { kind: 'done' }>) {
  return (
    <p role="status">
      {result.ok ? (
        <>
          <State word="as it was written" sign="✓" tone="good" /> {count(checked)} entries were recomputed{' '}
          <Time at={at} />. Keep the head outside of this database: with it, also an end that was cut off
          shows.
        </>
      ) : (
        <>
          <State word={result.problem ?? 'not as it was written'} sign="✗" tone="bad" /> Entry{' '}
          {result.firstBad === null ? '' : count(result.firstBad)} is the first that is not as it was written.
          Compare with a backup, and see <code>purser audit verify</code>.
        </>
      )}
    </p>
  )
}

/** @param tell is called with how many entries are done, and of how many */
async function verify(signal: AbortSignal, tell: (done: number, of: number) => void): Promise<Progress> {
  const head = await get<Head | null>('/audit/head', {}, signal)
  const end = head?.sequence ?? 0
  let checked = 0
  let last: AuditVerification | undefined
  for (let from = 1; from <= Math.max(end, 1); from += RANGE) {
    tell(Math.min(from - 1, end), end)
    last = await get<AuditVerification>(
      '/audit/verify',
      { from, to: Math.min(from + RANGE - 1, Math.max(end, 1)) },
      signal,
    )
    checked += last.checked
    if (!last.ok) break
  }
  const at = new Date().toISOString()
  return { kind: 'done', result: last as AuditVerification, checked, at }
}
