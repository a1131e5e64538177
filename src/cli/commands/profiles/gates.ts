// What a profile lets its plans do: each step with its threshold in words, as a table or a summary.

import type { AutomationProfile, AutomationStep } from '../../../index.ts'
import type { Paint, Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { wrap } from '../../screen/text.ts'

/** `always automatic`, `from 0.7`, `always a human`. */
export function thresholdText(threshold: number): string {
  if (threshold === 0) return 'always automatic'
  return threshold === 1 ? 'always a human' : `from ${threshold}`
}

/** Paints a threshold by whether a human, an agent or either passes it. */
export function paintThreshold(paint: Paint, threshold: number, text: string): string {
  if (threshold === 0) return paint.green(text)
  return threshold === 1 ? paint.yellow(text) : paint.cyan(text)
}

/** A line for each kind of threshold: the steps that it decides. */
export function gateLines(
  screen: Screen,
  profile: AutomationProfile,
  steps: readonly AutomationStep[],
): readonly string[] {
  const { paint, width } = screen
  const kinds = [
    ['automatic ', 0, steps.filter((step) => profile[step] === 0)],
    ['confident ', 0.5, steps.filter((step) => profile[step] > 0 && profile[step] < 1)],
    ['a human   ', 1, steps.filter((step) => profile[step] === 1)],
  ] as const
  return kinds.flatMap(([label, threshold, decided]) => {
    if (decided.length === 0) return []
    const names = decided.map((step) => (threshold === 0.5 ? `${step} from ${profile[step]}` : step))
    const [first = '', ...rest] = wrap(names.join(', '), Math.max(20, width - 4 - label.length))
    return [
      `${paintThreshold(paint, threshold, label)}  ${first}`,
      ...rest.map((line) => `${' '.repeat(label.length)}  ${line}`),
    ]
  })
}

/** Every step with what it means and who decides. */
export function thresholdTable(
  screen: Screen,
  profile: AutomationProfile,
  meanings: Readonly<Record<AutomationStep, string>>,
): readonly string[] {
  const steps = Object.entries(meanings) as [AutomationStep, string][]
  return table(
    screen,
    [
      { title: 'STEP', value: ([step]) => step },
      {
        title: 'DECIDES',
        value: ([step]) => thresholdText(profile[step]),
        paint: (text, [step]) => paintThreshold(screen.paint, profile[step], text),
      },
      { title: 'TO', value: ([, meaning]) => meaning, shrinkTo: 16 },
    ],
    steps,
  )
}
