// How far a plan may go by itself: the thresholds of its frozen profile, in words, and its guards.

import type { Plan } from '../../api/records.ts'
import { Empty, Panel } from '../../parts/panel.tsx'
import { percent } from '../../parts/words.ts'

export function PlanProfile({ plan }: { readonly plan: Plan }) {
  const { automationProfile, effectiveProfile } = plan
  return (
    <Panel
      title="Profile and gates"
      beside={
        <span class="muted">
          {automationProfile.name}, chosen by the {automationProfile.provenance}
        </span>
      }
    >
      {effectiveProfile === null ? (
        <Empty
          title="No profile was captured"
          then="The plan comes from an earlier system: nothing is denied."
        />
      ) : (
        <div class="body stack">
          <ul class="gates">
            {Object.entries(effectiveProfile).map(
              ([step, threshold]) =>
                typeof threshold === 'number' && (
                  <li key={step}>
                    <span>{wordsOf(step)}</span>
                    <Gate threshold={threshold} />
                  </li>
                ),
            )}
          </ul>
          <Guards guards={effectiveProfile.guards} />
        </div>
      )}
    </Panel>
  )
}

/** `createTool` as `create tool`. */
function wordsOf(step: string): string {
  return step.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function Gate({ threshold }: { readonly threshold: number }) {
  if (threshold === 0) return <span>by itself</span>
  if (threshold === 1) return <strong>a person</strong>
  return <span>from {percent(threshold)} sure</span>
}

function Guards({ guards }: { readonly guards: NonNullable<Plan['effectiveProfile']>['guards'] }) {
  const words = [
    guards.maxCostUsd !== null && `at most ${guards.maxCostUsd} USD`,
    guards.maxTokens !== null && `at most ${guards.maxTokens} tokens`,
    guards.maxToolCalls !== null && `at most ${guards.maxToolCalls} tool calls`,
    guards.deniedTools.length > 0 && `never ${guards.deniedTools.join(', ')}`,
  ].filter((word) => word !== false)
  return (
    <p class="muted">{words.length === 0 ? 'Its guards limit nothing.' : `Guards: ${words.join('; ')}.`}</p>
  )
}
