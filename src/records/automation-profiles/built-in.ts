// The nine profiles that every store has. They are constants of this build, not rows, and cannot be
// edited.

import { type AutomationProfile, automationSteps } from './profile.ts'

/** The profile of plans for which none was chosen. */
export const DEFAULT_AUTOMATION_PROFILE = 'balanced'

type Thresholds = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
]

function builtIn(
  name: string,
  description: string,
  thresholds: Thresholds,
  guarded = true,
): readonly [string, AutomationProfile] {
  const profile = {
    name,
    description,
    ...Object.fromEntries(automationSteps.map((step, index) => [step, thresholds[index]])),
    requireSandbox: guarded,
    requireCheckpoints: guarded,
    allowUnsafeTools: !guarded,
    guards: Object.freeze({
      maxCostUsd: null,
      maxTokens: null,
      maxToolCalls: null,
      deniedTools: Object.freeze([]),
    }),
    schemaVersion: '1.0',
  }
  return [name, Object.freeze(profile) as unknown as AutomationProfile]
}

/** By name, from the most cautious to the most automatic. */
export const builtInProfiles: ReadonlyMap<string, AutomationProfile> = new Map([
  builtIn('manual', 'Human-driven', [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
  builtIn('review', 'Auto-phase, manual decisions', [0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1]),
  builtIn('supervised', 'Auto-plan, manual exec', [0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1]),
  builtIn('balanced', 'Default: as supervised, retries and fixes itself', [0, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1]),
  builtIn('cautious', 'Confidence-gated automation', [0, 0.7, 1, 0.7, 0.7, 0.7, 0.9, 0.9, 0.8, 0, 1]),
  builtIn('trusted', 'Auto-exec, manual apply', [0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1]),
  builtIn('auto', 'Full auto except apply', [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
  builtIn('ci', 'Full auto, safe CI/CD', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  builtIn('full-auto', 'Complete automation', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], false),
])
