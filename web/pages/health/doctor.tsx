// The doctor examines the whole database on request, and its last report stays until the next one.

import { useState } from 'preact/hooks'
import { change } from '../../api/client.ts'
import { Problem } from '../../api/problem.ts'
import type { DoctorReport } from '../../api/records.ts'
import { Empty, Failure, Panel, Waiting } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { Time } from '../../parts/time.tsx'

interface Reported {
  readonly at: string
  readonly report: DoctorReport
}

const KEY = 'purser.doctor'

export function Doctor() {
  const [last, setLast] = useState<Reported | undefined>(() => {
    const stored = sessionStorage.getItem(KEY)
    return stored === null ? undefined : (JSON.parse(stored) as Reported)
  })
  const [problem, setProblem] = useState<Problem>()
  const [isRunning, setRunning] = useState(false)
  const run = async () => {
    setRunning(true)
    setProblem(undefined)
    try {
      const report = await change<DoctorReport>({ method: 'POST', path: '/doctor' })
      const reported = { at: new Date().toISOString(), report }
      sessionStorage.setItem(KEY, JSON.stringify(reported))
      setLast(reported)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      setProblem(error)
    } finally {
      setRunning(false)
    }
  }
  return (
    <Panel
      title="Doctor"
      beside={
        <>
          {last && (
            <span class="muted">
              examined <Time at={last.at} />
            </span>
          )}
          <button type="button" class="primary" disabled={isRunning} onClick={() => void run()}>
            {isRunning ? 'Examining…' : 'Examine'}
          </button>
        </>
      }
    >
      {problem && <Failure problem={problem} />}
      {isRunning && <Waiting />}
      {!isRunning && last === undefined && (
        <Empty
          title="Not examined since this tab was opened"
          then="The doctor reads the whole database and changes nothing. On a large one it takes minutes."
        />
      )}
      {last && <Report report={last.report} />}
    </Panel>
  )
}

const signs = {
  ok: ['✓', 'good'],
  warn: ['!', 'warn'],
  fail: ['✗', 'bad'],
} as const

function Report({ report }: { readonly report: DoctorReport }) {
  return (
    <ul class="rows">
      {report.checks.map((check) => {
        const [sign, tone] = signs[check.status]
        return (
          <li key={check.name}>
            <div class="line">
              <State word={check.status} sign={sign} tone={tone} />
              <strong>{check.name}</strong>
            </div>
            <p class="muted small">{check.detail}</p>
          </li>
        )
      })}
    </ul>
  )
}
