// Which of two profiles is stricter, limit by limit, and the strictest of several. Pure functions.

import { type AutomationProfile, automationSteps } from './profile.ts'

const limits = ['maxCostUsd', 'maxTokens', 'maxToolCalls'] as const

/** Where a profile leaves more to automation than another one; empty if nowhere. */
export function looserIn(profile: AutomationProfile, than: AutomationProfile): readonly string[] {
  const { guards } = profile
  return [
    ...automationSteps.filter((step) => profile[step] < than[step]),
    ...(than.requireSandbox && !profile.requireSandbox ? ['requireSandbox'] : []),
    ...(than.requireCheckpoints && !profile.requireCheckpoints ? ['requireCheckpoints'] : []),
    ...(profile.allowUnsafeTools && !than.allowUnsafeTools ? ['allowUnsafeTools'] : []),
    ...limits.filter((limit) => !within(guards[limit], than.guards[limit])).map((limit) => `guards.${limit}`),
    ...(than.guards.deniedTools.some((tool) => !guards.deniedTools.includes(tool))
      ? ['guards.deniedTools']
      : []),
  ]
}

/** No limit is the loosest one. */
function within(value: number | null, limit: number | null): boolean {
  return limit === null || (value !== null && value <= limit)
}

/**
 * The one that is nowhere looser than another; else their strictest combination, limit by limit,
 * named after those that are part of it.
 */
export function strictest(profiles: readonly [AutomationProfile, ...AutomationProfile[]]): AutomationProfile {
  const [first] = profiles
  const winner = profiles.find((one) => profiles.every((other) => looserIn(one, other).length === 0))
  if (winner) return winner
  const least = (limit: (typeof limits)[number]) => {
    const values = profiles.flatMap(({ guards }) => guards[limit] ?? [])
    return values.length === 0 ? null : Math.min(...values)
  }
  const thresholds = automationSteps.map((step) => [step, Math.max(...profiles.map((one) => one[step]))])
  return {
    ...first,
    ...(Object.fromEntries(thresholds) as Pick<AutomationProfile, (typeof automationSteps)[number]>),
    name: nameOf(profiles),
    description: 'The strictest of several',
    requireSandbox: profiles.some((one) => one.requireSandbox),
    requireCheckpoints: profiles.some((one) => one.requireCheckpoints),
    allowUnsafeTools: profiles.every((one) => one.allowUnsafeTools),
    guards: {
      maxCostUsd: least('maxCostUsd'),
      maxTokens: least('maxTokens'),
      maxToolCalls: least('maxToolCalls'),
      deniedTools: [...new Set(profiles.flatMap(({ guards }) => guards.deniedTools))],
    },
  }
}

/** `cautious + local/slow`, in order and without repeats, as long as a name may be. */
function nameOf(profiles: readonly AutomationProfile[]): string {
  const names = [...new Set(profiles.flatMap(({ name }) => name.split(' + ')))].toSorted()
  const joined = names.join(' + ')
  return joined.length <= 255 ? joined : `the strictest of ${names.length} profiles`
}
